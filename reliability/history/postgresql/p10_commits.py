"""A revision that commits by itself, in the way of many histories.

Revision ID: p10_commits
Revises: p09_once

"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "p10_commits"
down_revision = "p09_once"
branch_labels = None
depends_on = None


def upgrade() -> None:
    bind = op.get_bind()
    for number in range(3):
        bind.execute(
            sa.text("UPDATE accounts SET region = 'south' WHERE region IS NULL AND id % 3 = :number"),
            {"number": number},
        )
        bind.commit()
    op.execute("INSERT INTO applied VALUES ('p10_commits')")


def downgrade() -> None:
    op.execute("DELETE FROM applied WHERE revision = 'p10_commits'")
    op.execute("UPDATE accounts SET region = NULL WHERE region = 'south'")
