"""Several statements of one transaction, with rows.

Revision ID: p01_tables
Revises:

"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "p01_tables"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("applied", sa.Column("revision", sa.String(40), nullable=False))
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("owner", sa.String(40), nullable=False),
        sa.Column("balance", sa.Integer, nullable=False, server_default="0"),
    )
    op.execute(
        "INSERT INTO accounts (id, owner, balance) SELECT n, 'owner ' || n, n * 10 FROM generate_series(1, 30) n"
    )
    op.execute("INSERT INTO applied VALUES ('p01_tables')")


def downgrade() -> None:
    op.drop_table("accounts")
    op.drop_table("applied")
