"""The catalog of SQLite, and the texts that it keeps, as objects of a snapshot."""
