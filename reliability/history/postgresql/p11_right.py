"""The other of two branches.

Revision ID: p11_right
Revises: p10_commits

"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "p11_right"
down_revision = "p10_commits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("right_side", sa.Column("id", sa.Integer, primary_key=True, autoincrement=False))
    with op.get_context().autocommit_block():
        op.create_index("ix_events_amount", "events", ["amount"], postgresql_concurrently=True)
    op.execute("INSERT INTO right_side SELECT generate_series(1, 5)")
    op.execute("INSERT INTO applied VALUES ('p11_right')")


def downgrade() -> None:
    op.drop_table("right_side")
    with op.get_context().autocommit_block():
        op.drop_index("ix_events_amount", "events", postgresql_concurrently=True)
    op.execute("DELETE FROM applied WHERE revision = 'p11_right'")
