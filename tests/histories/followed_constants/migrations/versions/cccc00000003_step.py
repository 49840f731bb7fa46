"""cccc00000003"""

from alembic import op

revision = "cccc00000003"
_ids = {"before": "bbbb00000002"}
down_revision = _ids["before"]
branch_labels = tuple("one two".split())
depends_on = None


def upgrade():
    op.execute("SELECT 1")


def downgrade():
    op.execute("SELECT 2")
