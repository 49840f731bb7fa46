"""The other of two branches.

Revision ID: m06_right
Revises: m05_batches

"""

from __future__ import annotations

from alembic import op

revision = "m06_right"
down_revision = "m05_batches"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.rename_table("events", "entries")
    op.execute("INSERT INTO applied VALUES ('m06_right')")


def downgrade() -> None:
    op.rename_table("entries", "events")
    op.execute("DELETE FROM applied WHERE revision = 'm06_right'")
