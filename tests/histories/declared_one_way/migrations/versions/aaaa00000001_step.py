"""aaaa00000001"""

from alembic import op

from migrator import RevisionOptions

revision = "aaaa00000001"
down_revision = None
branch_labels = None
depends_on = None

migrator = RevisionOptions(one_way="two tables were merged")


def upgrade():
    op.execute("SELECT 1")
