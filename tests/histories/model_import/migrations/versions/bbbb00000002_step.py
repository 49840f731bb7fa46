"""bbbb00000002"""

from alembic import op

revision = "bbbb00000002"
down_revision = "aaaa00000001"
branch_labels = None
depends_on = None


def upgrade():
    from shop import db
    db.fill()


def downgrade():
    op.execute("SELECT 2")
