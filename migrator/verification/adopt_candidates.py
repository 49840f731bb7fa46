"""The schemas that a history goes through, each compared with a live one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from migrator.chain.model import Revision
from migrator.chain.paths import upgrade_path
from migrator.database.connecting import connect
from migrator.database.snapshot.comparing import Difference, compare
from migrator.database.snapshot.grouping import told_together
from migrator.database.snapshot.reading import read_snapshot
from migrator.database.state import Reader, read_server
from migrator.errors import VerificationFailed
from migrator.execution.adapter.walking import Walk, walk
from migrator.execution.gathering import bind
from migrator.project import Project
from migrator.verification.drift.detecting import PRIVILEGES
from migrator.verification.drift.history import scratch_like
from migrator.verification.drift.ignoring import Ignored, first_fitting, read_ignored
from migrator.verification.drift.live import LiveDatabase
from migrator.verification.drift.versions import Versions
from migrator.verification.redirecting import redirected_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One place in the history, and how the live database differs from it."""

    rows: tuple[str, ...]
    """Version rows there."""
    applied: str | None
    """The revision that was applied last."""
    differences: tuple[Difference, ...]
    """From the history to the live database."""


def candidates_of(project: Project, live: LiveDatabase) -> tuple[Candidate, ...]:
    """Build the history revision by revision on a scratch database, and compare the schema after each.

    Of a history with several heads, each head is built alone as well.

    Raises:
        VerificationFailed: a revision does not run.
        ScratchUnavailable: there is no server to build it on.

    """
    chain = project.chain
    heads = chain.heads
    paths = [upgrade_path(chain, (), head) for head in heads] if len(heads) > 1 else []
    found: dict[tuple[str, ...], Candidate] = {}
    for path in (*paths, upgrade_path(chain, (), "heads")):
        for each in _along(project, live, path):
            found.setdefault(each.rows, each)
    return tuple(found.values())


def counted(
    differences: Sequence[Difference], patterns: Sequence[Ignored], versions: Versions
) -> tuple[Difference, ...]:
    """The differences that count.

    None of privileges, since roles live outside of histories; none that is ignored; none that is only how versions of
    the server print the same thing.
    """
    return tuple(
        each
        for each, *_ in told_together(differences)
        if not _only_privileges(each)
        and not versions.prints_differently(each)
        and first_fitting(patterns, each) is None
    )


def _only_privileges(difference: Difference) -> bool:
    return bool(difference.facets) and all(each.name == PRIVILEGES for each in difference.facets)


def _along(project: Project, live: LiveDatabase, path: Sequence[Revision]) -> tuple[Candidate, ...]:
    found: list[Candidate] = []
    patterns = read_ignored(project.root)

    with scratch_like(project, live) as scratch:
        assert scratch.profile is not None  # noqa: S101 - a scratch database always has one
        with closing(connect(scratch.profile)) as beside:
            versions = Versions(live.state.server, read_server(beside))

            def tour(walked: Walk) -> None:
                reader: Reader = walked.reader or beside
                for revision in path:
                    _up(walked, revision)
                    snapshot = read_snapshot(reader, leave_out=frozenset({str(live.version_table)}))
                    differences = counted(compare(snapshot, live.snapshot), patterns, versions)
                    found.append(Candidate(rows=walked.rows, applied=revision.id, differences=differences))

            with redirected_to(scratch.profile):
                walk(scratch, bind(scratch, scratch.profile), tour)
    return tuple(found)


def _up(walked: Walk, revision: Revision) -> None:
    moved = walked.up(revision)
    if moved.error is not None:
        raise VerificationFailed(
            f"revision {revision.id} does not run on a scratch database, so that the history cannot be compared "
            f"beyond it: {moved.error}",
            where=f"{revision.path}:{revision.line}",
            state="the live database was only read",
            remedy="correct the revision: migrator verify",
        ) from moved.error
