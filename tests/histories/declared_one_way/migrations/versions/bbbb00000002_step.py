"""bbbb00000002"""

from alembic import op

from migrator import RevisionOptions

revision = "bbbb00000002"
down_revision = "aaaa00000001"
branch_labels = None
depends_on = None

migrator = RevisionOptions(one_way="two tables were merged")


def upgrade():
    op.execute("SELECT 1")


def downgrade():
    pass
