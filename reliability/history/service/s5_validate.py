"""Validate it, in a transaction of its own.

Revision ID: s5_validate
Revises: s4_not_valid

"""

from __future__ import annotations

from alembic import op

revision = "s5_validate"
down_revision = "s4_not_valid"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE posts VALIDATE CONSTRAINT ck_posts_has_title")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_posts_has_title"), "posts", type_="check")
    op.create_check_constraint(op.f("ck_posts_has_title"), "posts", "title <> ''", postgresql_not_valid=True)
