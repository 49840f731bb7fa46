"""bbbb00000002"""

from alembic import op

import migrator as tool

revision = "bbbb00000002"
down_revision = "aaaa00000001"
PATIENCE = 5
migrator: tool.RevisionOptions = tool.RevisionOptions(lock_timeout=PATIENCE * 2)


def upgrade():
    op.execute("SELECT 1")


def downgrade():
    op.execute("SELECT 2")
