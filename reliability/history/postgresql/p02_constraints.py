"""More of one transaction: a type, a table, constraints, a column.

Revision ID: p02_constraints
Revises: p01_tables

"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "p02_constraints"
down_revision = "p01_tables"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE TYPE event_kind AS ENUM ('opened', 'closed')")
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("account_id", sa.Integer, nullable=False),
        sa.Column("amount", sa.Integer, nullable=False),
    )
    op.execute("ALTER TABLE events ADD COLUMN kind event_kind NOT NULL DEFAULT 'opened'")
    op.create_foreign_key("fk_events_account", "events", "accounts", ["account_id"], ["id"])
    op.create_check_constraint("ck_accounts_balance", "accounts", "balance >= 0")
    op.execute("INSERT INTO applied VALUES ('p02_constraints')")


def downgrade() -> None:
    op.execute("DELETE FROM applied WHERE revision = 'p02_constraints'")
    op.drop_constraint("ck_accounts_balance", "accounts")
    op.drop_table("events")
    op.execute("DROP TYPE event_kind")
