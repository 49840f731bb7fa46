"""dddd00000004"""

from alembic import op

from migrator import RevisionOptions

revision = "dddd00000004"
down_revision = "cccc00000003"
branch_labels = None
depends_on = None

migrator = RevisionOptions(one_way="two tables were merged")


def upgrade():
    pass
