"""What a SQL statement is, told from its text alone: what it touches, how it locks, whether it may run again."""

from __future__ import annotations

from migrator.database.statements.model import LockClass, Nature, Statement
from migrator.database.statements.reading import read_statement
from migrator.database.statements.showing import one_line

__all__ = ["LockClass", "Nature", "Statement", "one_line", "read_statement"]
