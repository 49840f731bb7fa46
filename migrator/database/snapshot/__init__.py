"""A database's whole schema as a value: read it, compare two of them, write the statements between them."""
