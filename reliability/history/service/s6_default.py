"""Add a column with a default, which the server keeps in the catalog, and a value to an enum type.

Revision ID: s6_default
Revises: s5_validate

"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "s6_default"
down_revision = "s5_validate"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("karma", sa.Integer, server_default="0", nullable=False))
    with op.get_context().autocommit_block():
        op.execute("ALTER TYPE post_status ADD VALUE IF NOT EXISTS 'hidden'")


def downgrade() -> None:
    op.drop_column("users", "karma")
