"""Set users.display_name NOT NULL.

Step 4 of 4. The validated constraint proves that no NULL is left, so SET NOT NULL need not read the table under its
lock.

Revision ID: e4a9276bd0fc
Revises: 1f60c8e7d3b5
Create Date: 2026-05-06 09:16:29+00:00
"""

from __future__ import annotations

from collections.abc import Sequence

from alembic import op

revision: str = "e4a9276bd0fc"
down_revision: str | Sequence[str] | None = "1f60c8e7d3b5"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("ALTER TABLE users VALIDATE CONSTRAINT ck_users_display_name_not_null")
    op.alter_column("users", "display_name", nullable=False)
    op.drop_constraint(op.f("ck_users_display_name_not_null"), "users", type_="check")


def downgrade() -> None:
    op.create_check_constraint(
        op.f("ck_users_display_name_not_null"), "users", "display_name IS NOT NULL", postgresql_not_valid=True
    )
    op.alter_column("users", "display_name", nullable=True)
