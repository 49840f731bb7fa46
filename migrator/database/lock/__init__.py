"""Mutual exclusion of runs: one migration of a database at a time, wherever it was started."""
