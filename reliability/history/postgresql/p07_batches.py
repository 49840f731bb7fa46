"""A data migration in batches: the same statement until it finds nothing.

Revision ID: p07_batches
Revises: p06_value

"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "p07_batches"
down_revision = "p06_value"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        bind = op.get_bind()
        statement = sa.text(
            "UPDATE events SET note = 'batched' "
            "WHERE id IN (SELECT id FROM events WHERE note IS NULL ORDER BY id LIMIT 20)"
        )
        while bind.execute(statement).rowcount:
            pass
    op.execute("INSERT INTO applied VALUES ('p07_batches')")


def downgrade() -> None:
    op.execute("DELETE FROM applied WHERE revision = 'p07_batches'")
    op.execute("UPDATE events SET note = NULL")
