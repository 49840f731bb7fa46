"""dddd00000004"""

from alembic import op

revision = "dddd00000004"
down_revision = "cccc00000003"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("SELECT 1")


def downgrade():
    op.execute("SELECT 2")
