"""A statement outside of a transaction that must not run twice.

Revision ID: p09_once
Revises: p08_chunks

"""

from __future__ import annotations

from alembic import op

revision = "p09_once"
down_revision = "p08_chunks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("UPDATE accounts SET balance = balance + 1")
        op.execute("INSERT INTO events (id, account_id, amount) SELECT max(id) + 1, 2, 1 FROM events")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("UPDATE accounts SET balance = balance - 1")
        op.execute("DELETE FROM events WHERE id = (SELECT max(id) FROM events)")
