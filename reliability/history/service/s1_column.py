"""Add nullable columns to tables that every request reads.

Revision ID: s1_column
Revises: the_head

"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "s1_column"
down_revision = "the_head"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("locale", sa.String(10)))
    op.add_column("posts", sa.Column("language", sa.String(10)))


def downgrade() -> None:
    op.drop_column("posts", "language")
    op.drop_column("users", "locale")
