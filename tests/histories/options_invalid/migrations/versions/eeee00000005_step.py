"""eeee00000005"""

from alembic import op

from migrator import RevisionOptions

revision = "eeee00000005"
down_revision = "dddd00000004"
UNIT = "weeks"

if revision:
    migrator = RevisionOptions(statement_timeout=f"2 {UNIT}")


def upgrade():
    op.execute("SELECT 1")


def downgrade():
    op.execute("SELECT 2")
