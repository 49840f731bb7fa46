"""Fill a column in batches, each of them committed.

Revision ID: s7_rows
Revises: s6_default

"""

from __future__ import annotations

from alembic import op

revision = "s7_rows"
down_revision = "s6_default"
branch_labels = None
depends_on = None

BATCH = (
    "UPDATE users SET locale = 'en' WHERE id IN "
    "(SELECT id FROM users WHERE locale IS NULL ORDER BY id LIMIT 500 FOR UPDATE SKIP LOCKED)"
)


def upgrade() -> None:
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        while connection.exec_driver_sql(BATCH).rowcount:
            pass


def downgrade() -> None:
    op.execute("UPDATE users SET locale = NULL WHERE id IN (SELECT id FROM users ORDER BY id LIMIT 500)")
