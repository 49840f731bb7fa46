"""cccc00000003"""

from alembic import op

import os

from migrator.revision_options import RevisionOptions as Options

revision = "cccc00000003"
down_revision = "bbbb00000002"
LIMITS = {"lock_timeout": "5s"}
if os.environ.get("SLOW"):
    migrator = Options(**LIMITS)
else:
    migrator = Options(lock_timeout=os.environ.get("LIMIT", "1s"))


def upgrade():
    op.execute("SELECT 1")


def downgrade():
    op.execute("SELECT 2")
