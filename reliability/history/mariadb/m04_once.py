"""A change of rows that a later statement commits, and that must not happen twice.

Revision ID: m04_once
Revises: m03_several

"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "m04_once"
down_revision = "m03_several"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE accounts SET balance = balance + 1")
    op.add_column("events", sa.Column("amount", sa.Integer, nullable=False, server_default="0"))
    op.execute("UPDATE events SET amount = amount + 1")
    op.execute("INSERT INTO applied VALUES ('m04_once')")


def downgrade() -> None:
    op.execute("UPDATE accounts SET balance = balance - 1")
    op.drop_column("events", "amount")
    op.execute("DELETE FROM applied WHERE revision = 'm04_once'")
