"""Backups: one file with all that a server keeps, of whichever database, that says itself whether it is whole."""
