"""bbbb00000002"""

from alembic import op

revision = "bbbb00000002"
parent = "aaaa"
parent += "0000" + "0001"
down_revision = parent
branch_labels = None
depends_on = None


def upgrade():
    op.execute("SELECT 1")


def downgrade():
    op.execute("SELECT 2")
