""u'aaaa00000001'""

from alembic import op

revision = u'aaaa00000001'
down_revision = None
branch_labels = None
depends_on = ()


def upgrade():
    op.execute("SELECT 1")


def downgrade():
    op.execute("SELECT 2")
