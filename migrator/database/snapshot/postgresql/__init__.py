"""PostgreSQL's catalog, 14 to 18, as objects of a snapshot: declared as parts, read in a few queries."""
