"""Tables and rows; every CREATE commits what went before.

Revision ID: m01_tables
Revises:

"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "m01_tables"
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
    op.execute("INSERT INTO accounts (id, owner, balance) SELECT seq, CONCAT('owner ', seq), seq * 10 FROM seq_1_to_30")
    op.execute("INSERT INTO applied VALUES ('m01_tables')")


def downgrade() -> None:
    op.drop_table("accounts")
    op.drop_table("applied")
