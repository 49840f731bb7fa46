"""One of two branches.

Revision ID: m06_left
Revises: m05_batches

"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "m06_left"
down_revision = "m05_batches"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("left_side", sa.Column("id", sa.Integer, primary_key=True, autoincrement=False))
    op.execute("INSERT INTO left_side SELECT seq FROM seq_1_to_5")
    op.execute("INSERT INTO applied VALUES ('m06_left')")


def downgrade() -> None:
    op.drop_table("left_side")
    op.execute("DELETE FROM applied WHERE revision = 'm06_left'")
