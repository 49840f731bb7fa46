"""dddd00000004"""

from alembic import op

revision = "dddd00000004"
down_revision = ('bbbb00000002', 'cccc00000003')
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
