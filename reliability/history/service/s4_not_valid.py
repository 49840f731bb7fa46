"""Add a constraint that binds new rows at once.

Revision ID: s4_not_valid
Revises: s3_index

"""

from __future__ import annotations

from alembic import op

revision = "s4_not_valid"
down_revision = "s3_index"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_check_constraint(op.f("ck_posts_has_title"), "posts", "title <> ''", postgresql_not_valid=True)


def downgrade() -> None:
    op.drop_constraint(op.f("ck_posts_has_title"), "posts", type_="check")
