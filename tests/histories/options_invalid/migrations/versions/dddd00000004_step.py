"""dddd00000004"""

from alembic import op

from migrator import RevisionOptions

revision = "dddd00000004"
down_revision = "cccc00000003"
LIMITS = {"lock_timeout": "5s", "patience": 5}

migrator = RevisionOptions(**LIMITS)


def upgrade():
    op.execute("SELECT 1")


def downgrade():
    op.execute("SELECT 2")
