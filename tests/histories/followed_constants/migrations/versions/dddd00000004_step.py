"""dddd00000004"""

from alembic import op

class Ids:
    here = "dddd00000004"


revision, down_revision = Ids.here, "".join(["cccc", "00000003"])
branch_labels = None
depends_on = None


def upgrade():
    op.execute("SELECT 1")


def downgrade():
    op.execute("SELECT 2")
