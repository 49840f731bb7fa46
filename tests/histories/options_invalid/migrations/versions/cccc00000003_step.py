"""cccc00000003"""

from alembic import op

from migrator import RevisionOptions

revision = "cccc00000003"
down_revision = "bbbb00000002"

migrator = RevisionOptions("5s")


def upgrade():
    op.execute("SELECT 1")


def downgrade():
    op.execute("SELECT 2")
