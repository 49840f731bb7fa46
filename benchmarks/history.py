"""Makes Alembic projects with long linear histories: one table for every four revisions, as measured in the docs."""

from __future__ import annotations

import shutil
from pathlib import Path

ENV_PY = """\
import os

from alembic import context
from sqlalchemy import create_engine, pool

engine = create_engine(os.environ["BENCHMARK_URL"], poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
"""

REVISION = '''"""step {number}

Revision ID: {id}
Revises: {parent_text}
Create Date: 2026-01-01 00:00:00

"""

from typing import Sequence, Union

import sqlalchemy as sa
from alembic import op

revision: str = "{id}"
down_revision: Union[str, None] = {parent!r}
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    {upgrade}


def downgrade() -> None:
    {downgrade}
'''


def linear_project(root: Path, revisions: int) -> Path:
    """Write a project with that many revisions; whatever was there is removed."""
    shutil.rmtree(root, ignore_errors=True)
    versions = root / "migrations" / "versions"
    versions.mkdir(parents=True)
    (root / "alembic.ini").write_text("[alembic]\nscript_location = %(here)s/migrations\n")
    (root / "migrations" / "env.py").write_text(ENV_PY)
    parent: str | None = None
    for number in range(revisions):
        id_ = f"{number:012x}"
        table, column = f"t{number // 4}", f"c{number % 4}"
        creates = number % 4 == 0
        (versions / f"{id_}_step.py").write_text(
            REVISION.format(
                number=number,
                id=id_,
                parent=parent,
                parent_text=parent or "",
                upgrade=f'op.create_table("{table}", sa.Column("id", sa.Integer, primary_key=True))'
                if creates
                else f'op.add_column("{table}", sa.Column("{column}", sa.String(20)))',
                downgrade=f'op.drop_table("{table}")' if creates else f'op.drop_column("{table}", "{column}")',
            )
        )
        parent = id_
    return root


def without_bytecode(root: Path) -> None:
    """Remove every compiled file, as in a fresh checkout."""
    for folder in root.rglob("__pycache__"):
        shutil.rmtree(folder, ignore_errors=True)
