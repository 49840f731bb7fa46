"""Fill author_activity from the posts written so far.

It reads ``posts``, which the main line creates: hence ``depends_on``.

Revision ID: a1f82d6c3e70
Revises: 74c3a0e59bd1
Create Date: 2026-03-27 15:19:36+00:00
"""

from __future__ import annotations

from collections.abc import Sequence

from alembic import op

from migrator import RevisionOptions

revision: str = "a1f82d6c3e70"
down_revision: str | Sequence[str] | None = "74c3a0e59bd1"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = "c47d1be08a36"

migrator = RevisionOptions(loses_data="every row of author_activity can be computed from the posts again")


def upgrade() -> None:
    op.execute(
        """
        INSERT INTO author_activity (author_id, day, posts)
        SELECT author_id, (created_at AT TIME ZONE 'UTC')::date, count(*)
        FROM posts
        GROUP BY 1, 2
        """
    )


def downgrade() -> None:
    op.execute("DELETE FROM author_activity")
