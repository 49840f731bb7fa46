"""bbbb00000002"""

from alembic import op

from migrator import RevisionOptions

revision = "bbbb00000002"
down_revision = "aaaa00000001"
migrator = RevisionOptions(
    lock_timeout="soon",
    lock_budget=-1,
    resumable="yes",
)


def upgrade():
    op.execute("SELECT 1")


def downgrade():
    op.execute("SELECT 2")
