"""The branches joined, with work of its own.

Revision ID: m07_merge
Revises: m06_left, m06_right

"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "m07_merge"
down_revision = ("m06_left", "m06_right")
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("left_side", sa.Column("joined", sa.Boolean, nullable=False, server_default=sa.true()))
    op.execute("INSERT INTO applied VALUES ('m07_merge')")


def downgrade() -> None:
    op.drop_column("left_side", "joined")
    op.execute("DELETE FROM applied WHERE revision = 'm07_merge'")
