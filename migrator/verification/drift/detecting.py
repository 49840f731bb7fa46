"""Compares a live database with what its own history builds at the revisions that it is on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from migrator.database.snapshot.comparing import COLUMN_ORDER, Difference, FacetChange, compare
from migrator.database.snapshot.ddl import statements
from migrator.database.snapshot.grouping import told_together
from migrator.database.snapshot.model import SchemaObject, Snapshot
from migrator.errors import AheadOfCode, ConfigurationError
from migrator.events import Listener
from migrator.execution.adapter.generating import WrittenRevision
from migrator.execution.planning import beyond_lines
from migrator.execution.position import Position, Standing, position_of
from migrator.findings import Finding
from migrator.project import Project
from migrator.verification.drift.history import history_at
from migrator.verification.drift.ignoring import Ignored, findings_on, first_fitting, read_ignored
from migrator.verification.drift.live import LiveDatabase, read_live
from migrator.verification.drift.model import Drifted, DriftReport, DriftRequest
from migrator.verification.drift.versions import Versions
from migrator.verification.drift.writing import write_revision

PRIVILEGES: Final = "privileges"


def find_drift(project: Project, request: DriftRequest, listen: Listener = lambda _event: None) -> DriftReport:
    """Compare the project's database with its history. The database is only read.

    Raises:
        AheadOfCode: the database is at a revision that this code does not have.
        ConfigurationError: it has tables and no version row; or the patterns cannot be used.
        LockNotObtained: it was being migrated all the time.
        ScratchUnavailable: there is no server to build the history on.
        VerificationFailed: the history does not build.
        Unreachable: the database cannot be reached.

    """
    project.reading.require_sound()
    patterns = read_ignored(project.root)
    live = read_live(project, listen)
    position = _known_position(project, live)
    built = history_at(project, live, position.current)
    there, here = _scope(built.snapshot, request), _scope(live.snapshot, request)
    versions = Versions(live.state.server, built.server)
    every = tuple(each for each in _drifted(there, here, patterns) if not versions.prints_differently(each.difference))
    drifted = tuple(each for each in every if each.ignored is None)
    written, wrong = _written(project, request, drifted, live)
    return DriftReport(
        live=live,
        revisions=position.current,
        pending=len(position.pending),
        built_on=built.server,
        drifted=drifted,
        ignored=tuple(each for each in every if each.ignored is not None),
        reordered=_reordered(there, here),
        findings=(*findings_on(patterns, [each.difference for each in every]), *wrong),
        notices=tuple(filter(None, (*_half_applied(live), built.notice))),
        written=written,
    )


def _written(
    project: Project, request: DriftRequest, drifted: Sequence[Drifted], live: LiveDatabase
) -> tuple[tuple[WrittenRevision, ...], tuple[Finding, ...]]:
    if request.write is None or not drifted:
        return (), ()
    return write_revision(project, request.write, drifted, live.snapshot.dialect)


def _known_position(project: Project, live: LiveDatabase) -> Position:
    position = position_of(project.chain, live.state)
    if position.unknown:
        lineage = position.lineage
        raise AheadOfCode(
            f"the database is at {', '.join(position.unknown)}, which this code does not have: its history cannot be "
            "built here",
            where=live.location,
            state="only read",
            remedy="run migrator drift from the code that was deployed last, or check out the branch of that revision",
            details=beyond_lines(() if lineage is None else lineage.beyond),
        )
    if position.standing is Standing.UNSTAMPED:
        raise ConfigurationError(
            "the database has tables, but no row in its version table: it is at no revision that it could have "
            "drifted from",
            where=live.location,
            state="only read",
            remedy=f"find the revision that its schema is, and stamp it: migrator adopt{project.env_option}",
        )
    return position


def _half_applied(live: LiveDatabase) -> list[str]:
    return [
        f"revision {cut.revision} was cut half way: what it left is among the differences; see migrator status"
        for cut in live.state.cut
    ]


def _scope(snapshot: Snapshot, request: DriftRequest) -> Snapshot:
    return snapshot if request.privileges else without_facet(snapshot, PRIVILEGES)


def without_facet(snapshot: Snapshot, name: str) -> Snapshot:
    """The same snapshot, as if nothing had that facet."""
    return replace(
        snapshot,
        objects={
            key: SchemaObject(key, {facet: value for facet, value in each.facets.items() if facet != name})
            if name in each.facets
            else each
            for key, each in snapshot.objects.items()
        },
    )


def _drifted(history: Snapshot, live: Snapshot, patterns: Sequence[Ignored]) -> tuple[Drifted, ...]:
    back = {each.key: each for each in compare(live, history)}
    return tuple(
        Drifted(
            differences=together,
            backwards=backwards,
            to_database=statements(backwards, live.dialect),
            to_history=statements(together, live.dialect),
            ignored=first_fitting(patterns, together[0]),
        )
        for together in told_together(compare(history, live))
        for backwards in [tuple(back[each.key] for each in together)]
    )


def _reordered(history: Snapshot, live: Snapshot) -> tuple[Difference, ...]:
    return tuple(
        replace(each, facets=order)
        for each in compare(history, live, column_order=True)
        if (order := tuple(facet for facet in each.facets if facet.name == COLUMN_ORDER and _same_names(facet)))
    )


def _same_names(order: FacetChange) -> bool:
    before, after = order.before or "", order.after or ""
    return sorted(before.split(", ")) == sorted(after.split(", "))
