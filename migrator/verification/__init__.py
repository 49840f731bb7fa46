"""Proof on scratch databases: models against history, round trips."""
