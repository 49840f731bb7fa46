"""Rows in the tables of a scratch database, so that revisions meet data where production has some."""
