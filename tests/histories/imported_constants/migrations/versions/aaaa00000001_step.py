"""aaaa00000001"""

from alembic import op
from migration_names import LABEL

revision = "aaaa00000001"
down_revision = None
branch_labels = (LABEL,)
depends_on = None


def upgrade():
    op.execute("SELECT 1")


def downgrade():
    op.execute("SELECT 2")
