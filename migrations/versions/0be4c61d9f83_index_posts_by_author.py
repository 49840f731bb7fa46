"""Index posts by author and date.

Concurrently, so outside a transaction. A build that was cut short leaves an invalid index under the same name:
dropping it first makes a second attempt build it whole.

Revision ID: 0be4c61d9f83
Revises: 96d0e7b2f45a
Create Date: 2026-04-08 12:11:58+00:00
"""

from __future__ import annotations

from collections.abc import Sequence

from alembic import op

revision: str = "0be4c61d9f83"
down_revision: str | Sequence[str] | None = "96d0e7b2f45a"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INDEX = "ix_posts_author_id_created_at"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(INDEX, "posts", postgresql_concurrently=True, if_exists=True)
        op.create_index(INDEX, "posts", ["author_id", "created_at"], postgresql_concurrently=True)


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(INDEX, "posts", postgresql_concurrently=True, if_exists=True)
