"""A data migration in batches, each committed.

Revision ID: m05_batches
Revises: m04_once

"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "m05_batches"
down_revision = "m04_once"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        bind = op.get_bind()
        statement = sa.text("UPDATE events SET note = 'batched' WHERE note IS NULL ORDER BY id LIMIT 10")
        while bind.execute(statement).rowcount:
            pass
    op.execute("INSERT INTO applied VALUES ('m05_batches')")


def downgrade() -> None:
    op.execute("DELETE FROM applied WHERE revision = 'm05_batches'")
    op.execute("UPDATE events SET note = NULL")
