"""create posts and commit by itself"""

import sqlalchemy as sa
from alembic import op

revision = "0002_posts"
down_revision = "0001_users"


def upgrade():
    op.create_table("posts", sa.Column("id", sa.Integer, primary_key=True))
    op.get_bind().commit()


def downgrade():
    op.drop_table("posts")
