"""Create user_login_info.

The id at a service is only unique within that service: the key is composite.

Revision ID: 8b20e6d4c917
Revises: 3f1c9a7d52e4
Create Date: 2026-03-04 16:40:51+00:00
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "8b20e6d4c917"
down_revision: str | Sequence[str] | None = "3f1c9a7d52e4"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "user_login_info",
        sa.Column("service_type", sa.String(length=30), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("last_login_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("service_type", "user_id", name=op.f("pk_user_login_info")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["users.id"], name=op.f("fk_user_login_info_account_id_users"), ondelete="CASCADE"
        ),
    )
    op.create_index(op.f("ix_user_login_info_account_id"), "user_login_info", ["account_id"])


def downgrade() -> None:
    op.drop_table("user_login_info")
