"""Finds the revision whose schema an unstamped database has, and stamps it only when that is proved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from migrator.chain.model import Body, Chain
from migrator.database.snapshot.comparing import Difference, compare
from migrator.errors import ConfigurationError, UsageError, VerificationFailed
from migrator.events import Listener
from migrator.execution.policy import require_unprotected
from migrator.execution.stamping import StampReport, StampRequest, stamp, stamped_rows, target_ids
from migrator.project import Project
from migrator.verification.adopt_candidates import Candidate, candidates_of, counted
from migrator.verification.drift.history import history_at
from migrator.verification.drift.ignoring import read_ignored
from migrator.verification.drift.live import LiveDatabase, read_live
from migrator.verification.drift.versions import Versions

_SHOWN = 3
_LISTED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptRequest:
    """What the user asked for."""

    revision: str | None = None
    """The one that it is; None: the one whose schema is found to be equal."""
    dry_run: bool = False
    confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptReport:
    """What the schema of a database was found to be."""

    location: str
    revisions: tuple[str, ...]
    """The version rows whose schema it has."""
    stamped: StampReport | None
    """None: nothing was written (``--dry-run``)."""
    compared: int
    """Schemas of the history that it was compared with."""


class NotAdopted(VerificationFailed):
    """The database's schema is that of no revision, or of several."""


def adopt(project: Project, request: AdoptRequest, listen: Listener = lambda _event: None) -> AdoptReport:
    """Find what an unstamped database is at, and write that into its version table.

    Raises:
        UsageError: it has a version row already, or no table.
        Refused: the profile is protected, and ``--yes`` was not given.
        NotAdopted: its schema is that of no revision, or of several that are not the same.
        VerificationFailed: the history does not build, or the stamp is not there afterwards.
        LockNotObtained, Unreachable, ScratchUnavailable: see `read_live` and `scratch_database`.

    """
    project.reading.require_sound()
    if not request.confirmed and not request.dry_run:
        require_unprotected(project.profile, "an adoption")
    live = read_live(project, listen)
    _require_adoptable(project, live)
    if request.revision is not None:
        rows, compared = target_ids(project.chain, (request.revision,)), 1
        _require_equal(project, live, rows)
    else:
        found = candidates_of(project, live)
        rows, compared = _chosen(project, live, found), len(found)
    stamped = None
    if not request.dry_run:
        stamped = stamp(project, StampRequest(targets=rows, confirmed=True), listen=listen)
    return AdoptReport(location=live.location, revisions=rows, stamped=stamped, compared=compared)


def require_schema_of(
    project: Project, request: StampRequest, listen: Listener = lambda _event: None
) -> tuple[str, ...]:
    """Prove that the live database has the schema that its history has after a stamp.

    Returns:
        The version rows that the schema is of.

    Raises:
        NotAdopted: it has not.
        UsageError, VerificationFailed, LockNotObtained, Unreachable, ScratchUnavailable: see `adopt`.

    """
    chain = project.chain
    targets = target_ids(chain, request.targets)
    live = read_live(project, listen)
    known = () if request.purge else tuple(row for row in live.state.rows if row in chain.revisions)
    rows = stamped_rows(chain, known, targets)
    _require_equal(project, live, rows)
    return rows


def _require_adoptable(project: Project, live: LiveDatabase) -> None:
    rows = ", ".join(live.state.rows)
    if rows:
        raise UsageError(
            f"the database is stamped already: it is at {rows}",
            where=live.location,
            remedy=f"compare its schema with that revision: migrator drift{project.env_option}",
        )
    if not live.state.tables:
        raise UsageError(
            "the database is empty: there is nothing to adopt",
            where=live.location,
            remedy=f"migrator upgrade{project.env_option}",
        )
    if not project.chain.revisions:
        raise ConfigurationError(
            "there are no revisions that the database could be at",
            where=project.display(str(project.layout.script_location)),
            remedy='migrator revision -m "..." --autogenerate',
        )


def _require_equal(project: Project, live: LiveDatabase, rows: tuple[str, ...]) -> None:
    built = history_at(project, live, rows)
    versions = Versions(live.state.server, built.server)
    differences = counted(compare(built.snapshot, live.snapshot), read_ignored(project.root), versions)
    if differences:
        raise NotAdopted(
            f"the schema of the database is not that of {', '.join(rows) or 'base'}: {_number(differences)}",
            where=live.location,
            state="nothing was stamped",
            remedy=f"make the differences go away, or find the revision that it is: migrator adopt{project.env_option}",
            details=(*_described(differences), *([built.notice] if built.notice else [])),
        )


def _chosen(project: Project, live: LiveDatabase, found: Sequence[Candidate]) -> tuple[str, ...]:
    """The one revision, or revisions that differ in nothing at all, whose schema the database has."""
    equal = [each for each in found if not each.differences]
    if not equal:
        raise _nothing_equal(project, live, found)
    if not _same_thing(project.chain, found, equal):
        raise NotAdopted(
            f"{len(equal)} revisions have the schema of the database: those between them change rows only, or are "
            "taken back later, and a schema cannot tell whether they were applied",
            where=live.location,
            state="nothing was stamped",
            remedy=f"look at the rows and name the last one that was applied: migrator adopt REVISION"
            f"{project.env_option}",
            details=[_titled(project.chain, each.rows) for each in equal],
        )
    return equal[-1].rows


def _same_thing(chain: Chain, found: Sequence[Candidate], equal: Sequence[Candidate]) -> bool:
    """Whether nothing but empty revisions (merges, say) lies between the equal ones."""
    first, last = found.index(equal[0]), found.index(equal[-1])
    between = found[first + 1 : last + 1]
    return all(each.applied is not None and chain.revisions[each.applied].upgrade is Body.EMPTY for each in between)


def _nothing_equal(project: Project, live: LiveDatabase, found: Sequence[Candidate]) -> NotAdopted:
    nearest = sorted(found, key=lambda each: len(each.differences))[:_SHOWN]
    best = nearest[0]
    return NotAdopted(
        f"no revision has the schema of the database; {len(found)} were built and compared",
        where=live.location,
        state="nothing was stamped",
        remedy=f"make the differences go away, then run the same command again; or, if they are meant, stamp and keep "
        f"an eye on them: migrator stamp {' '.join(best.rows)}{project.env_option} && migrator drift"
        f"{project.env_option}",
        details=[
            *(f"nearest: {_titled(project.chain, each.rows)} ({_number(each.differences)})" for each in nearest),
            f"what differs at {', '.join(best.rows)}:",
            *_described(best.differences),
        ],
    )


def _titled(chain: Chain, rows: Sequence[str]) -> str:
    return ", ".join(f"{row}  {chain.revisions[row].title}".rstrip() for row in rows)


def _number(differences: Sequence[Difference]) -> str:
    return "1 difference" if len(differences) == 1 else f"{len(differences)} differences"


def _described(differences: Sequence[Difference]) -> Iterator[str]:
    from migrator.database.snapshot.words import describe

    for each in differences[:_LISTED]:
        yield f"  from the history to the database: {describe(each)}"
    if len(differences) > _LISTED:
        yield f"  and {len(differences) - _LISTED} more"
