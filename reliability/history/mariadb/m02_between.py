"""Rows between statements that commit them.

Revision ID: m02_between
Revises: m01_tables

"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "m02_between"
down_revision = "m01_tables"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("region", sa.String(10)))
    op.execute("UPDATE accounts SET region = 'north' WHERE id % 2 = 0")
    op.add_column("accounts", sa.Column("score", sa.Integer))
    op.execute("INSERT INTO accounts (id, owner, balance) VALUES (31, 'owner 31', 310)")
    op.create_index("ix_accounts_region", "accounts", ["region"])
    op.execute("UPDATE accounts SET score = id * 2")
    op.execute("INSERT INTO applied VALUES ('m02_between')")


def downgrade() -> None:
    op.execute("DELETE FROM applied WHERE revision = 'm02_between'")
    op.drop_index("ix_accounts_region", "accounts")
    op.drop_column("accounts", "score")
    op.execute("DELETE FROM accounts WHERE id = 31")
    op.drop_column("accounts", "region")
