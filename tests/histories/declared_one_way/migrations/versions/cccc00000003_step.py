"""cccc00000003"""

from alembic import op

from migrator import RevisionOptions

revision = "cccc00000003"
down_revision = "bbbb00000002"
branch_labels = None
depends_on = None

migrator = RevisionOptions(one_way="two tables were merged")


def upgrade():
    op.execute("SELECT 1")


def downgrade():
    raise NotImplementedError("no")
