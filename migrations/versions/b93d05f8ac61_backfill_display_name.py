"""Backfill users.display_name from the username.

Step 2 of 4. Batches along the primary key, each committed by itself: no long transaction, few locked rows at a time,
and a run that is cut short goes on where it stopped, because rows that are done no longer match.

Revision ID: b93d05f8ac61
Revises: 6ac17e4bf209
Create Date: 2026-05-06 09:02:17+00:00
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import context, op

revision: str = "b93d05f8ac61"
down_revision: str | Sequence[str] | None = "6ac17e4bf209"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

BATCH = 1000
"""Rows in one transaction."""

users = sa.table("users", sa.column("id"), sa.column("username"), sa.column("display_name"))


def upgrade() -> None:
    in_batches(users.c.display_name.is_(None), users.c.username)


def downgrade() -> None:
    in_batches(users.c.display_name == users.c.username, sa.null())


def in_batches(condition: sa.ColumnElement[bool], display_name: sa.ColumnElement[Any]) -> None:
    """Give the users that match a display name, batch by batch; a script (``--sql``) gets one statement instead."""
    assign = sa.update(users).values(display_name=display_name)
    if context.is_offline_mode():
        op.execute(assign.where(condition))
        return
    after = sa.bindparam("after", type_=sa.BigInteger)
    pending = sa.select(users.c.id).where(users.c.id > after, condition).order_by(users.c.id).limit(BATCH)
    batch = pending.with_for_update().cte("batch")
    written = assign.where(users.c.id == batch.c.id).returning(users.c.id).cte("written")
    with op.get_context().autocommit_block():
        last: int | None = 0
        while last is not None:
            last = op.get_bind().scalar(sa.select(sa.func.max(written.c.id)), {"after": last})
