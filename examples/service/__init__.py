"""A small service whose schema this repository's own migrations build."""
