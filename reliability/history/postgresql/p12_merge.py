"""The branches joined, with work of its own.

Revision ID: p12_merge
Revises: p11_left, p11_right

"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "p12_merge"
down_revision = ("p11_left", "p11_right")
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("INSERT INTO left_side SELECT id + 10 FROM right_side")
    op.add_column("left_side", sa.Column("joined", sa.Boolean, nullable=False, server_default=sa.true()))
    op.execute("INSERT INTO applied VALUES ('p12_merge')")


def downgrade() -> None:
    op.drop_column("left_side", "joined")
    op.execute("DELETE FROM left_side WHERE id > 10")
    op.execute("DELETE FROM applied WHERE revision = 'p12_merge'")
