"""create users"""

import sqlalchemy as sa
from alembic import op

revision = "0001_users"
down_revision = None


def upgrade(**_arguments):
    op.create_table("users", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(50)))


def downgrade(**_arguments):
    op.drop_table("users")
