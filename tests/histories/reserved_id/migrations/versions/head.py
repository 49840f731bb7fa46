"""head"""

from alembic import op

revision = "head"
down_revision = None
branch_labels = 'a@b'
depends_on = None


def upgrade():
    op.execute("SELECT 1")


def downgrade():
    op.execute("SELECT 2")
