"""Validate the publication date of the posts that are already there.

A transaction of its own: VALIDATE reads the whole table, and must not do it under the lock that ADD CONSTRAINT takes.

Revision ID: 2d76f8b1e4c9
Revises: e09b5c3a7f12
Create Date: 2026-03-25 11:03:12+00:00
"""

from __future__ import annotations

from collections.abc import Sequence

from alembic import op

revision: str = "2d76f8b1e4c9"
down_revision: str | Sequence[str] | None = "e09b5c3a7f12"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("ALTER TABLE posts VALIDATE CONSTRAINT ck_posts_published_has_date")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_posts_published_has_date"), "posts", type_="check")
    op.create_check_constraint(
        op.f("ck_posts_published_has_date"),
        "posts",
        "status <> 'published' OR published_at IS NOT NULL",
        postgresql_not_valid=True,
    )
