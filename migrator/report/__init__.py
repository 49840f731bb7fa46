"""Findings, plans and runs as text and JSON."""
