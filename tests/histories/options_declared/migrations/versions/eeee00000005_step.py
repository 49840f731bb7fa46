"""eeee00000005"""

from alembic import op

# Not declared: RevisionOptions(lock_timeout="soon")

revision = "eeee00000005"
down_revision = "dddd00000004"
migrator = "no options meant here"


def upgrade():
    op.execute("SELECT 1")


def downgrade():
    op.execute("SELECT 2")
