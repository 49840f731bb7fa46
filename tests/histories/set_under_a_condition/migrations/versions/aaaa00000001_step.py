"""aaaa00000001"""

from typing import TYPE_CHECKING

from alembic import op

if TYPE_CHECKING:
    revision = 1

try:
    depends_on = None
except Exception:
    depends_on = "x"

revision = "aaaa00000001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.execute("SELECT 1")


def downgrade():
    op.execute("SELECT 2")
