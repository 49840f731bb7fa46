"""Require a display name of every new or changed user.

Step 3 of 4. NOT VALID takes its lock for an instant; the rows that are there are read by the next revision.

Revision ID: 1f60c8e7d3b5
Revises: b93d05f8ac61
Create Date: 2026-05-06 09:10:03+00:00
"""

from __future__ import annotations

from collections.abc import Sequence

from alembic import op

revision: str = "1f60c8e7d3b5"
down_revision: str | Sequence[str] | None = "b93d05f8ac61"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_check_constraint(
        op.f("ck_users_display_name_not_null"), "users", "display_name IS NOT NULL", postgresql_not_valid=True
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_users_display_name_not_null"), "users", type_="check")
