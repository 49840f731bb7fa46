"""Rows, by parameters.

Revision ID: p03_rows
Revises: p02_constraints

"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "p03_rows"
down_revision = "p02_constraints"
branch_labels = None
depends_on = None


def upgrade() -> None:
    events = sa.table("events", sa.column("id"), sa.column("account_id"), sa.column("amount"))
    op.bulk_insert(events, [{"id": n, "account_id": n % 30 + 1, "amount": n} for n in range(1, 61)])
    op.add_column("events", sa.Column("note", sa.String(40)))
    op.execute("UPDATE accounts SET balance = balance + 5 WHERE id <= 10")
    op.execute("INSERT INTO applied VALUES ('p03_rows')")


def downgrade() -> None:
    op.execute("DELETE FROM applied WHERE revision = 'p03_rows'")
    op.execute("UPDATE accounts SET balance = balance - 5 WHERE id <= 10")
    op.drop_column("events", "note")
    op.execute("DELETE FROM events")
