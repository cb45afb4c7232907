"""A pack's parameters as a file that its owner can read, compare and keep: `packwarden config`."""
