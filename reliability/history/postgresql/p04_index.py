"""An index built CONCURRENTLY, alone in its revision.

Revision ID: p04_index
Revises: p03_rows

"""

from __future__ import annotations

from alembic import op

revision = "p04_index"
down_revision = "p03_rows"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index("ix_events_account", "events", ["account_id"], postgresql_concurrently=True)


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index("ix_events_account", "events", postgresql_concurrently=True)
