"""Index both tables concurrently.

Revision ID: s3_index
Revises: s2_table

"""

from __future__ import annotations

from alembic import op

revision = "s3_index"
down_revision = "s2_table"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index("ix_users_created_at", "users", ["created_at"], postgresql_concurrently=True)
        op.create_index("ix_posts_title", "posts", ["title"], postgresql_concurrently=True)


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index("ix_posts_title", "posts", postgresql_concurrently=True)
        op.drop_index("ix_users_created_at", "users", postgresql_concurrently=True)
