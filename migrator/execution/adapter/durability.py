"""Commits between revisions that do not wait for the disk; the last one waits for all of them.

PostgreSQL writes commits to its log in order. A crash can therefore lose only the last revisions of a run, each with
its version row, and never one from the middle; the run has not ended then, so nobody was told that it had. The commit
of the last revision waits for the whole log, as ever. ADR 0006 has the reasoning and the measurement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from migrator.execution.adapter.environment import connection_of

Item = TypeVar("Item")


def waiting_only_at_the_end(context: MigrationContext, items: Iterable[Item], count: int) -> Iterator[Item]:
    """Give the items one by one; while the consumer works on any but the last, its commits do not wait."""
    relaxes = connection_of(context).dialect.name == "postgresql"
    for number, item in enumerate(items, start=1):
        if relaxes and number < count:
            # LOCAL, so that neither env.py's pool nor a pooler hands the setting on to anybody else.
            connection_of(context).execute(text("SET LOCAL synchronous_commit = off"))
        yield item
