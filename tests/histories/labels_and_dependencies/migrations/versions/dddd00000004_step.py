"""dddd00000004"""

from alembic import op

revision = "dddd00000004"
down_revision = "bbbb00000002"
branch_labels = None
depends_on = ('cccc00000003',)


def upgrade():
    op.execute("SELECT 1")


def downgrade():
    op.execute("SELECT 2")
