"""Index the published posts, the only ones that readers list.

Revision ID: d85f3a9027c6
Revises: 0be4c61d9f83
Create Date: 2026-04-15 14:05:22+00:00
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "d85f3a9027c6"
down_revision: str | Sequence[str] | None = "0be4c61d9f83"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INDEX = "ix_posts_published"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(INDEX, "posts", postgresql_concurrently=True, if_exists=True)
        op.create_index(
            INDEX,
            "posts",
            ["published_at"],
            postgresql_where=sa.text("status = 'published'"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(INDEX, "posts", postgresql_concurrently=True, if_exists=True)
