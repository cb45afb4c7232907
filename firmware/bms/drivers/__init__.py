"""One module per chip: registers, transport, meaning. They never import `bms.core`; buses are handed in."""
