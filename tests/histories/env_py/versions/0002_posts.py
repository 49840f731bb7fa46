"""create posts"""

import sqlalchemy as sa
from alembic import op

revision = "0002_posts"
down_revision = "0001_users"


def upgrade(**_arguments):
    op.create_table("posts", sa.Column("id", sa.Integer, primary_key=True), sa.Column("title", sa.String(50)))


def downgrade(**_arguments):
    op.drop_table("posts")
