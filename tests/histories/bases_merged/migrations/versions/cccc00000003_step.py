"""cccc00000003"""

from alembic import op

revision = "cccc00000003"
down_revision = ('aaaa00000001', 'bbbb00000002')
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
