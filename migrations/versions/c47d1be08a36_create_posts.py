"""Create posts and the type of their status.

The type is created and dropped by name: ``drop_table`` alone would leave it behind, and the next upgrade would fail.

Revision ID: c47d1be08a36
Revises: 8b20e6d4c917
Create Date: 2026-03-11 08:02:33+00:00
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "c47d1be08a36"
down_revision: str | Sequence[str] | None = "8b20e6d4c917"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("CREATE TYPE post_status AS ENUM ('draft', 'published', 'archived')")
    op.create_table(
        "posts",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "status", postgresql.ENUM(name="post_status", create_type=False), server_default="draft", nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_posts_author_id_users"), ondelete="CASCADE"),
    )


def downgrade() -> None:
    op.drop_table("posts")
    op.execute("DROP TYPE post_status")
