"""Drift: what a live database has that its own history does not build, and the other way round."""
