"""Writes the ledger over the connection that runs the migrations, in the transactions of what it tells about."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import socket
import uuid
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Table, bindparam, text
from sqlalchemy.schema import CreateSchema

import migrator
from migrator.chain.graph import ancestors, graph_of
from migrator.chain.model import Chain, Revision
from migrator.database.connection_reader import ConnectionReader
from migrator.database.ledger.concluding import RecordedRun
from migrator.database.ledger.entries import read_present
from migrator.database.ledger.place import LEDGER, OWN_SCHEMA, RUN, LedgerPlace, find_place, scope_of
from migrator.database.ledger.tables import ledger_tables, now_of, table_of
from migrator.database.state import VersionTable
from migrator.events import LedgerCreated, Listener
from migrator.execution.adapter.connections import connection_of

_ADOPTED_AT_ONCE = 200
_LONGEST_DOC = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStart:
    """What is known of a run when it begins to write."""

    command: str
    """Such as ``upgrade``."""
    session_id: int | None = None
    """Of the session that holds the migration lock."""


class Recorder:
    """The ledger of one database, open for writing by one run."""

    def __init__(self, connection: Connection, place: LedgerPlace, scope: str, run_id: str, *, chain: Chain) -> None:
        self.run = RecordedRun(place, run_id)
        self.scope = scope
        self.connection = connection
        self._chain = chain
        self.ledger = self.table(LEDGER)
        self._insert = self.ledger.insert()

    def table(self, name: str) -> Table:
        """One of the ledger's tables."""
        return table_of(self.run.place.schema, self.run.place.dialect, name)

    def moved(self, revision: Revision, *, direction: str, outcome: str, seconds: float | None) -> dict[str, object]:
        """The ledger's row for a revision that has moved."""
        return {
            "run_id": self.run.run_id,
            "scope": self.scope,
            "revision": revision.id,
            "direction": direction,
            "outcome": outcome,
            "seconds": seconds,
            **described(self._chain, revision),
        }

    def write(self, rows: Iterable[Mapping[str, object]]) -> None:
        """Insert ledger rows; the caller commits."""
        found = list(rows)
        for start in range(0, len(found), _ADOPTED_AT_ONCE):
            self.connection.execute(self._insert, found[start : start + _ADOPTED_AT_ONCE])

    def conclude(self, outcome: str) -> None:
        """Write how the run ended; the caller commits."""
        table = self.table(RUN)
        self.connection.execute(
            table.update()
            .where(table.c.run_id == self.run.run_id)
            .values(ended_at=now_of(self.run.place.dialect), outcome=outcome)
        )


def recorder_of(
    context: MigrationContext,
    start: RunStart,
    *,
    chain: Chain,
    rows: tuple[str, ...],
    configured: str | None,
    listen: Listener = lambda _event: None,
) -> Recorder:
    """Find the ledger, or create it with a row for each revision that is applied already; the caller commits.

    Args:
        context: of the database and version table that are meant.
        start: what is known of this run.
        chain: the revision files.
        rows: the version table's.
        configured: ``MIGRATOR_LEDGER_SCHEMA``.
        listen: told when it is created.

    """
    connection = connection_of(context)
    version_table = VersionTable(context.version_table, context.version_table_schema)
    reader, scope = ConnectionReader(connection), scope_of(version_table)
    place = find_place(reader, version_table, configured)
    is_new = place is None
    if place is None:
        place = _create(connection, version_table, configured)
    recorder = Recorder(connection, place, scope, str(uuid.uuid4()), chain=chain)
    _begin_run(recorder, connection, start)
    present = frozenset[str]() if is_new else read_present(reader, place, scope)
    adopted = _reconcile(recorder, chain, rows, present)
    if is_new:
        listen(LedgerCreated(place=place.schema or "the database", adopted=adopted))
    return recorder


def _create(connection: Connection, version_table: VersionTable, configured: str | None) -> LedgerPlace:
    dialect = connection.dialect.name
    schema = configured or version_table.schema
    if configured is None and dialect == "postgresql" and _may_have_own_schema(connection):
        schema = OWN_SCHEMA
    if schema and dialect == "postgresql" and schema != version_table.schema:
        connection.execute(CreateSchema(schema, if_not_exists=True))
    ledger_tables(schema, dialect).create_all(connection)
    return LedgerPlace(schema, dialect)


def _may_have_own_schema(connection: Connection) -> bool:
    allowed = connection.execute(
        text(
            "SELECT coalesce((SELECT has_schema_privilege(oid, 'CREATE') FROM pg_catalog.pg_namespace "
            "WHERE nspname = :schema), has_database_privilege(current_database(), 'CREATE'))"
        ),
        {"schema": OWN_SCHEMA},
    )
    return bool(allowed.scalar())


def _begin_run(recorder: Recorder, connection: Connection, start: RunStart) -> None:
    connection.execute(
        recorder.table(RUN).insert(),
        {
            "run_id": recorder.run.run_id,
            "scope": recorder.scope,
            "command": start.command,
            "session_id": start.session_id,
            "host": socket.gethostname()[:255],
            "process_id": os.getpid(),
            "os_user": _os_user(),
            "db_user": connection.engine.url.username,
            "tool_version": migrator.__version__,
        },
    )


def _os_user() -> str | None:
    with suppress(OSError, KeyError, ImportError):  # a container's user need not have a name
        return getpass.getuser()
    return None


def _reconcile(recorder: Recorder, chain: Chain, rows: tuple[str, ...], present: frozenset[str]) -> int:
    """Write down what something else has applied or reverted since; returns how many were found applied."""
    applied = _applied(chain, rows)
    gone = {id_ for id_ in present - applied if id_ in chain.revisions}
    found = [chain.revisions[id_] for id_ in _in_order(chain, applied - present)]
    recorder.write(recorder.moved(each, direction="adopt", outcome="applied", seconds=None) for each in found)
    recorder.write(
        recorder.moved(chain.revisions[id_], direction="adopt", outcome="reverted", seconds=None)
        for id_ in reversed(_in_order(chain, gone))
    )
    return len(found)


def _applied(chain: Chain, rows: Iterable[str]) -> set[str]:
    known = tuple(row for row in rows if row in chain.revisions)
    return ancestors(chain, known) | set(known)


def record_stamp(recorder: Recorder, chain: Chain, *, before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Write down which revisions a stamp has made count as applied, and which no longer; the caller commits."""
    was, is_now = _applied(chain, before), _applied(chain, after)
    for outcome, ids in (("applied", is_now - was), ("reverted", was - is_now)):
        found = [chain.revisions[id_] for id_ in _in_order(chain, ids)]
        recorder.write(recorder.moved(each, direction="stamp", outcome=outcome, seconds=None) for each in found)
    recorder.conclude("done")


def _in_order(chain: Chain, ids: Iterable[str]) -> list[str]:
    from migrator.chain.paths import upgrade_path

    wanted = set(ids)
    return [revision.id for revision in upgrade_path(chain, (), "heads") if revision.id in wanted] if wanted else []


def described(chain: Chain, revision: Revision) -> dict[str, object]:
    """What the ledger keeps of a revision's file, so that code without the file can still place it."""
    content, graph = content_of(revision), graph_of(chain)
    return {
        "doc": revision.title[:_LONGEST_DOC],
        "parents": json.dumps(graph.parents(revision.id)),
        "depends_on": json.dumps(graph.dependencies.get(revision.id, ())),
        "checksum": None if content is None else hashlib.sha256(content).hexdigest(),
        "source": None if content is None else zlib.compress(content, 1),
    }


def content_of(revision: Revision) -> bytes | None:
    """The file's bytes; None for one without source."""
    if not revision.path.endswith(".py"):
        return None
    try:
        with open(revision.path, "rb") as file:  # noqa: PTH123 - thousands a run
            return file.read()
    except OSError:
        return None


def returning_insert(recorder: Recorder, moved: Any) -> Any:
    """One statement that moves the version row and writes the ledger's row: a round trip less for each revision.

    Args:
        recorder: whose ledger is meant.
        moved: an UPDATE of the version table, for PostgreSQL.

    """
    from sqlalchemy import select

    names = [column.name for column in recorder.ledger.columns if column.name in _WRITTEN]
    done = moved.returning(text("1")).cte("moved")
    chosen = select(*(bindparam(name, type_=recorder.ledger.c[name].type) for name in names)).select_from(done)
    return recorder.ledger.insert().from_select(names, chosen).execution_options(preserve_rowcount=True)


_WRITTEN = frozenset(
    {"run_id", "scope", "revision", "direction", "outcome", "seconds", "doc", "parents", "depends_on"}
    | {"checksum", "source"}
)
