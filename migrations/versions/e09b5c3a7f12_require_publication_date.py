"""Require a date of every published post.

NOT VALID binds new rows at once without reading the old ones under a lock; the next revision reads them.

Revision ID: e09b5c3a7f12
Revises: 51ea93f6b0d8
Create Date: 2026-03-25 10:55:47+00:00
"""

from __future__ import annotations

from collections.abc import Sequence

from alembic import op

revision: str = "e09b5c3a7f12"
down_revision: str | Sequence[str] | None = "51ea93f6b0d8"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_check_constraint(
        op.f("ck_posts_published_has_date"),
        "posts",
        "status <> 'published' OR published_at IS NOT NULL",
        postgresql_not_valid=True,
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_posts_published_has_date"), "posts", type_="check")
