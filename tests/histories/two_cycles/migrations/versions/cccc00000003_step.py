"""cccc00000003"""

from alembic import op

revision = "cccc00000003"
down_revision = "dddd00000004"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("SELECT 1")


def downgrade():
    op.execute("SELECT 2")
