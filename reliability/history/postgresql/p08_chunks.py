"""A data migration in batches: numbers are read, rows changed by parameter, each batch committed.

Revision ID: p08_chunks
Revises: p07_batches

"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "p08_chunks"
down_revision = "p07_batches"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("score", sa.Integer))
    bind = op.get_bind()
    numbers = [row.id for row in bind.execute(sa.text("SELECT id FROM accounts ORDER BY id"))]
    with op.get_context().autocommit_block():
        bind = op.get_bind()
        for start in range(0, len(numbers), 10):
            bind.execute(
                sa.text("UPDATE accounts SET score = id * 2 WHERE id BETWEEN :first AND :last"),
                {"first": numbers[start], "last": numbers[start : start + 10][-1]},
            )
    op.execute("INSERT INTO applied VALUES ('p08_chunks')")


def downgrade() -> None:
    op.drop_column("accounts", "score")
    op.execute("DELETE FROM applied WHERE revision = 'p08_chunks'")
