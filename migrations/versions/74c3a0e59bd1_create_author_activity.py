"""Create author_activity, the reporting team's table.

The reporting branch leaves the main line here; ``migrator upgrade reporting@head`` applies it alone.

Revision ID: 74c3a0e59bd1
Revises: 8b20e6d4c917
Create Date: 2026-03-19 07:48:20+00:00
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "74c3a0e59bd1"
down_revision: str | Sequence[str] | None = "8b20e6d4c917"
branch_labels: str | Sequence[str] | None = ("reporting",)
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "author_activity",
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("posts", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("author_id", "day", name=op.f("pk_author_activity")),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_author_activity_author_id_users"), ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    op.drop_table("author_activity")
