"""Queries, one store a subject. A store works in the session that it is given, and commits nothing by itself."""
