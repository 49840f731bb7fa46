"""first

Create Date: 2024-05-01
"""
from typing import Sequence, Union

from alembic import op

revision: str = "aaaa00000001"
down_revision: Union[str, None] = None
branch_labels: Union[str, Sequence[str], None] = None
depends_on: "str | Sequence[str] | None" = None


def upgrade() -> None:
    op.execute("SELECT 1")


def downgrade() -> None:
    op.execute("SELECT 2")
