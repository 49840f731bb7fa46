"""bbbb00000002"""

from alembic import op
import migration_names as names

revision = "bbbb00000002"
down_revision = names.FIRST
branch_labels = None
depends_on = None


def upgrade():
    op.execute("SELECT 1")


def downgrade():
    op.execute("SELECT 2")
