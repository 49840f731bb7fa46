"""One of two branches.

Revision ID: p11_left
Revises: p10_commits

"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "p11_left"
down_revision = "p10_commits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("left_side", sa.Column("id", sa.Integer, primary_key=True, autoincrement=False))
    op.execute("INSERT INTO left_side SELECT generate_series(1, 5)")
    op.execute("INSERT INTO applied VALUES ('p11_left')")


def downgrade() -> None:
    op.drop_table("left_side")
    op.execute("DELETE FROM applied WHERE revision = 'p11_left'")
