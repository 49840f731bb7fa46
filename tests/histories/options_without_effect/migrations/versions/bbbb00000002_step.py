"""bbbb00000002"""

from alembic import op

from migrator import RevisionOptions

revision = "bbbb00000002"
down_revision = "aaaa00000001"

migrator = {"lock_timeout": "5s"}


def upgrade():
    op.execute("SELECT 1")


def downgrade():
    op.execute("SELECT 2")
