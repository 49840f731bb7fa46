"""Several changes of tables in one revision.

Revision ID: m03_several
Revises: m02_between

"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "m03_several"
down_revision = "m02_between"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("account_id", sa.Integer, nullable=False),
        sa.Column("note", sa.String(40)),
    )
    op.create_foreign_key("fk_events_account", "events", "accounts", ["account_id"], ["id"])
    op.create_index("ix_events_note", "events", ["note"])
    op.alter_column("accounts", "owner", existing_type=sa.String(40), type_=sa.String(80), existing_nullable=False)
    op.execute("INSERT INTO events (id, account_id) SELECT seq, seq FROM seq_1_to_30")
    op.execute("INSERT INTO applied VALUES ('m03_several')")


def downgrade() -> None:
    op.execute("DELETE FROM applied WHERE revision = 'm03_several'")
    op.alter_column("accounts", "owner", existing_type=sa.String(80), type_=sa.String(40), existing_nullable=False)
    op.drop_table("events")
