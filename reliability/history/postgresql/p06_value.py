"""A value added to a type, which older servers want outside of a transaction.

Revision ID: p06_value
Revises: p05_mixed

"""

from __future__ import annotations

from alembic import op

revision = "p06_value"
down_revision = "p05_mixed"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("ALTER TYPE event_kind ADD VALUE 'frozen'")


def downgrade() -> None:
    # PostgreSQL cannot take a value away; no row uses it.
    op.execute("SELECT 1")
