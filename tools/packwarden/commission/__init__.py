"""`packwarden commission`: leads from a bare board to an armed pack."""
