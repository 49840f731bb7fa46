"""dddd00000004"""

from alembic import op

import migrator

revision = "dddd00000004"
down_revision = "cccc00000003"
migrator = migrator.RevisionOptions()


def upgrade():
    op.execute("SELECT 1")


def downgrade():
    op.execute("SELECT 2")
