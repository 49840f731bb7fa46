"""Create a table that refers to two that are written to all the time.

Revision ID: s2_table
Revises: s1_column

"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "s2_table"
down_revision = "s1_column"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reactions",
        sa.Column("post_id", sa.BigInteger, sa.ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("user_id", sa.BigInteger, sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("given_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("reactions")
