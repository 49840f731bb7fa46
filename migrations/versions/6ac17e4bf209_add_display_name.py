"""Add users.display_name, nullable until every row has one.

Step 1 of 4: add, backfill, require for new rows, require for all.

Revision ID: 6ac17e4bf209
Revises: d85f3a9027c6
Create Date: 2026-05-06 08:44:40+00:00
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "6ac17e4bf209"
down_revision: str | Sequence[str] | None = "d85f3a9027c6"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("users", sa.Column("display_name", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("users", "display_name")
