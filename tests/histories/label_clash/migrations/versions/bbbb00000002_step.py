"""bbbb00000002"""

from alembic import op

revision = "bbbb00000002"
down_revision = "aaaa00000001"
branch_labels = ('shop',)
depends_on = None


def upgrade():
    op.execute("SELECT 1")


def downgrade():
    op.execute("SELECT 2")
