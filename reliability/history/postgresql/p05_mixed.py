"""Transactional statements before and after an autocommit block.

Revision ID: p05_mixed
Revises: p04_index

"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "p05_mixed"
down_revision = "p04_index"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("region", sa.String(10)))
    op.execute("UPDATE accounts SET region = 'north' WHERE id % 2 = 0")
    op.execute("INSERT INTO applied VALUES ('p05_mixed')")
    with op.get_context().autocommit_block():
        op.create_index("ux_accounts_owner", "accounts", ["owner"], unique=True, postgresql_concurrently=True)
    op.add_column("accounts", sa.Column("closed_at", sa.DateTime))
    op.execute("INSERT INTO events (id, account_id, amount) VALUES (61, 1, 61)")


def downgrade() -> None:
    op.execute("DELETE FROM events WHERE id = 61")
    op.drop_column("accounts", "closed_at")
    with op.get_context().autocommit_block():
        op.drop_index("ux_accounts_owner", "accounts", postgresql_concurrently=True)
    op.drop_column("accounts", "region")
    op.execute("DELETE FROM applied WHERE revision = 'p05_mixed'")
