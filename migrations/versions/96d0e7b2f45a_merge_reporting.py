"""Merge the reporting branch into the main line.

Revision ID: 96d0e7b2f45a
Revises: 2d76f8b1e4c9, a1f82d6c3e70
Create Date: 2026-04-01 09:30:00+00:00
"""

from __future__ import annotations

from collections.abc import Sequence

revision: str = "96d0e7b2f45a"
down_revision: str | Sequence[str] | None = ("2d76f8b1e4c9", "a1f82d6c3e70")
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Change nothing: a merge only joins."""


def downgrade() -> None:
    """Change nothing: a merge only joins."""
