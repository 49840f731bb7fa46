"""More rows than a full disk takes, and an index on them.

Revision ID: p13_large
Revises: p12_merge

"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "p13_large"
down_revision = "p12_merge"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "large", sa.Column("id", sa.Integer, nullable=False), sa.Column("word", sa.String(40), nullable=False)
    )
    op.execute("INSERT INTO large SELECT n, 'word ' || n FROM generate_series(1, 150000) n")
    op.execute("INSERT INTO applied VALUES ('p13_large')")
    with op.get_context().autocommit_block():
        op.create_index("ix_large_id", "large", ["id"], postgresql_concurrently=True)
    op.execute("UPDATE large SET word = 'other' WHERE id % 2 = 0")


def downgrade() -> None:
    op.drop_table("large")
