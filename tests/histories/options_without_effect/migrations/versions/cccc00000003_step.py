"""cccc00000003"""

from alembic import op

from migrator import RevisionOptions

revision = "cccc00000003"
down_revision = "bbbb00000002"
migrator = RevisionOptions(lock_timeout="5s")
migrator = None


def upgrade():
    op.execute("SELECT 1")


def downgrade():
    op.execute("SELECT 2")
