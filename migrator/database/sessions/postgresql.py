"""PostgreSQL: who waits for whom, who that is, and how to end a statement or a session without hitting another one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from migrator.database.sessions.waiting import Queue, WaitingSession
from migrator.database.state import Reader
from migrator.database.statements import one_line
from migrator.events import Blocker

MODEST: Final = (
    "SELECT set_config(name, CASE name WHEN 'statement_timeout' THEN '5s' WHEN 'lock_timeout' THEN '1s' ELSE '0' END, "
    "false) FROM pg_catalog.pg_settings WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_session_timeout')"
)
"""Has an observer's session give up soon where it would have to wait itself; not every version has every setting."""
_WAITING: Final = (
    # Other users' sessions are shown without their state; pg_blocking_pids answers for every one.
    "SELECT w.pid, w.blocked_by, w.is_client, w.mark FROM ("
    "SELECT pid, pg_catalog.pg_blocking_pids(pid) AS blocked_by, query_start::text AS mark, "
    "coalesce(backend_type = 'client backend', usesysid IS NOT NULL) AS is_client "
    "FROM pg_catalog.pg_stat_activity WHERE pid <> pg_backend_pid() "
    "AND (wait_event_type = 'Lock' OR query = '<insufficient privilege>')"
    ") w WHERE cardinality(w.blocked_by) > 0"
)
_WHO: Final = (
    "SELECT pid, usename, nullif(application_name, ''), coalesce(client_hostname, host(client_addr)), state, "
    "extract(epoch FROM clock_timestamp() - xact_start), nullif(query, '<insufficient privilege>'), "
    "backend_type = 'client backend', xact_start::text FROM pg_catalog.pg_stat_activity WHERE pid IN ({})"
)
_CANCEL: Final = (
    "SELECT pg_catalog.pg_cancel_backend(pid) FROM pg_catalog.pg_stat_activity "
    "WHERE pid = CAST(? AS integer) AND query_start::text = CAST(? AS text) "
    "AND state = 'active' AND wait_event_type = 'Lock'"
)
_END: Final = (
    "SELECT pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_stat_activity a "
    "WHERE a.pid = CAST(? AS integer) AND a.xact_start::text = CAST(? AS text) AND a.backend_type = 'client backend' "
    # The other connections of a run have the name that its lock's session begins with, and come from the same machine.
    "AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_stat_activity m "
    "WHERE m.client_addr IS NOT DISTINCT FROM a.client_addr AND a.application_name <> '' AND ("
    "(m.pid = CAST(? AS integer) AND m.application_name = a.application_name) OR "
    "(starts_with(m.application_name, a.application_name || ' lock ') AND EXISTS (SELECT 1 FROM pg_catalog.pg_locks l "
    "WHERE l.pid = m.pid AND l.locktype = 'advisory' AND l.granted))))"
)


@dataclass(frozen=True, slots=True)
class BlockingSession:
    """A blocker, and what decides whether it may be ended."""

    shown: Blocker
    is_client: bool
    mark: str | None
    """When its transaction began: what tells it from the session's next one."""


def waiting_sessions(reader: Reader) -> Queue:
    """Every session of the server that waits for a lock."""
    return {
        int(pid): WaitingSession(int(pid), tuple(map(int, blocked_by)), bool(is_client), mark)
        for pid, blocked_by, is_client, mark in reader.fetch(_WAITING)
    }


def blocking_sessions(reader: Reader, numbers: Collection[int]) -> tuple[BlockingSession, ...]:
    """Who the sessions are, the oldest transaction first; those that are gone are left out."""
    present = sorted({number for number in numbers if number})
    found = [
        BlockingSession(
            Blocker(
                session=int(pid),
                user=user,
                application=application,
                client=client,
                state=state,
                transaction_seconds=None if seconds is None else max(float(seconds), 0.0),
                query=one_line(query) if query else None,
            ),
            bool(is_client),
            mark,
        )
        for pid, user, application, client, state, seconds, query, is_client, mark in (
            reader.fetch(_WHO.format(", ".join(map(str, present)))) if present else []
        )
    ]
    found.sort(key=lambda each: -(each.shown.transaction_seconds or 0.0))
    if len(present) < len(set(numbers)):
        found.append(BlockingSession(_PREPARED, is_client=False, mark=None))
    return tuple(found)


_PREPARED: Final = Blocker(session=0, state="prepared transaction, see pg_prepared_xacts")


def cancel_waiting(reader: Reader, waiting: WaitingSession) -> bool:
    """Cancel the statement of a session if it is still the one that was seen waiting, and still waits.

    Returns:
        Whether the server was told to.

    """
    return reader.fetch(_CANCEL, waiting.session, waiting.mark) == [(True,)]


def end_session(reader: Reader, blocking: BlockingSession, *, own: int) -> bool:
    """End a client's session if it is still in the transaction that was seen, and belongs to no migration.

    Args:
        reader: of the same server.
        blocking: as it was seen.
        own: the session that waits; what has its name and comes from its machine belongs to the same run.

    Returns:
        Whether the server was told to.

    """
    if not blocking.is_client or blocking.mark is None:
        return False
    return reader.fetch(_END, blocking.shown.session, blocking.mark, own) == [(True,)]
