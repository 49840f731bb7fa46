"""aaaa00000001"""

from alembic import op

PREFIX = "aaaa"
number = 1
revision = f"{PREFIX}{number:08d}"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.execute("SELECT 1")


def downgrade():
    op.execute("SELECT 2")
