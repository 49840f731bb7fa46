"""aaaa00000001"""

from alembic import op

from migrator import RevisionOptions

revision = "aaaa00000001"
down_revision = None
migrator = RevisionOptions(lock_timeout="5s")
migrator = RevisionOptions(resumable=True)


def upgrade():
    op.execute("SELECT 1")


def downgrade():
    op.execute("SELECT 2")
