"""create tags"""

import sqlalchemy as sa
from alembic import op

revision = "0003_tags"
down_revision = "0002_posts"


def upgrade():
    op.create_table("tags", sa.Column("id", sa.Integer, primary_key=True))


def downgrade():
    op.drop_table("tags")
