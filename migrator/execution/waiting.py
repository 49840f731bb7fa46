"""Waits until somebody else has migrated the database: what an application's pod does before it starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from migrator.database.failures import after_waiting, may_pass
from migrator.database.patience import DATABASE, Clock, Heartbeat, attempts
from migrator.errors import Unreachable
from migrator.events import DatabaseAwaited, HeadsAwaited, Listener
from migrator.execution.arrival import Arrival, judge, wanted_revisions
from migrator.execution.lookout import Lookout, Sighting
from migrator.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Waited:
    """How the waiting ended."""

    target: str
    """As the user named it."""
    seconds: float
    databases: tuple[tuple[Sighting, Arrival], ...]

    @property
    def is_there(self) -> bool:
        """Whether every database has what was wanted."""
        return all(arrival.is_there for _, arrival in self.databases)


def wait_until_there(
    project: Project, target: str, *, limit: float, listen: Listener, clock: Clock | None = None
) -> Waited:
    """Return as soon as the project's databases have a target's revisions, or when the limit is over.

    Nothing is written, no lock is taken, nothing is migrated.

    Args:
        project: whose databases are meant.
        target: such as ``heads`` or a revision.
        limit: seconds; 0 looks once.
        listen: told why it waits.
        clock: time and chance; the machine's when None.

    Raises:
        ChainError: the revision files are not sound.
        UsageError: there is no such revision.
        Unreachable: at the end the database did not answer, or at any time for a reason that waiting does not change.
        AheadOfCode, VerificationFailed: the database holds revisions that this code does not know.

    """
    project.reading.require_sound()
    wanted = wanted_revisions(project.chain, target)
    accepts_ahead = project.care.if_ahead != "fail"
    clock = clock or Clock()
    told = _Told(listen, limit, clock)
    waited = 0.0
    failure: Unreachable | None = None
    databases: tuple[tuple[Sighting, Arrival], ...] = ()
    with Lookout(project) as lookout:
        for waited in attempts(DATABASE, limit=limit, clock=clock):
            try:
                seen = lookout.look()
            except Unreachable as error:
                if not may_pass(error):
                    raise
                failure = error
                told.unreachable(error, waited)
                continue
            failure = None
            databases = tuple(
                (each, judge(project.chain, each.state, target, wanted, accepts_ahead=accepts_ahead)) for each in seen
            )
            if all(arrival.is_there for _, arrival in databases):
                break
            told.behind(databases, waited)
    if failure is not None:
        raise after_waiting(failure, waited) from failure
    return Waited(target=target, seconds=waited, databases=databases)


class _Told:
    """What has been said so far: one thing once, and again each ten seconds."""

    def __init__(self, listen: Listener, limit: float, clock: Clock) -> None:
        self._listen = listen
        self._limit = limit
        self._clock = clock
        self._heartbeat = Heartbeat()

    def unreachable(self, error: Unreachable, waited: float) -> None:
        if self._limit > 0 and self._heartbeat.is_due(error.message, self._clock.now()):
            self._listen(DatabaseAwaited(reason=error.message, waited=waited, limit=self._limit))

    def behind(self, databases: Sequence[tuple[Sighting, Arrival]], waited: float) -> None:
        late = [(sighting, arrival) for sighting, arrival in databases if not arrival.is_there]
        subject = [
            (each.state.rows, each.holder and (each.holder.session, each.holder.revision), each.half_applied)
            for each, _ in late
        ]
        if self._limit <= 0 or not self._heartbeat.is_due(subject, self._clock.now()):
            return
        for sighting, arrival in late:
            self._listen(
                HeadsAwaited(
                    location=sighting.state.location,
                    current=sighting.state.rows,
                    pending=len(arrival.pending),
                    holder=sighting.holder,
                    half_applied=sighting.half_applied,
                    waited=waited,
                    limit=self._limit,
                )
            )
