"""The schema that a history builds at given revisions, on a scratch database of the live server's version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

from migrator.database.connecting import connect
from migrator.database.embedded import MAJORS
from migrator.database.embedded.binaries import installed
from migrator.database.snapshot.model import Snapshot
from migrator.database.snapshot.reading import read_snapshot
from migrator.database.state import read_server
from migrator.errors import ConfigurationError, PartlyApplied, RunFailed, VerificationFailed
from migrator.profiles.model import Profile
from migrator.project import Project
from migrator.verification.building import build_history
from migrator.verification.dialect import profile_for_scratch
from migrator.verification.drift.live import LiveDatabase
from migrator.verification.scratch import scratch_database

_MAJOR = re.compile(r"PostgreSQL (\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltHistory:
    """What the revision files build."""

    snapshot: Snapshot
    server: str
    """Product and version of the server that it was built on."""
    notice: str | None = None
    """What the comparison with the live database cannot be sure of."""


def history_at(project: Project, live: LiveDatabase, revisions: tuple[str, ...]) -> BuiltHistory:
    """Build the history up to some revisions on a scratch database, and read the schema that it made.

    Args:
        project: whose revision files.
        live: what the result is to be compared with.
        revisions: version rows that the chain knows; none for an empty database.

    Raises:
        ScratchUnavailable: there is no server to build it on.
        VerificationFailed: a revision does not run there.

    """
    with scratch_like(project, live) as scratch:
        for revision in revisions:
            build(scratch, revision)
        snapshot, server = read_scratch(scratch, live)
    return BuiltHistory(snapshot=snapshot, server=server, notice=version_notice(live.state.server, server))


@contextmanager
def scratch_like(project: Project, live: LiveDatabase) -> Iterator[Project]:
    """The project on an empty scratch database, on the server that is nearest to the live one by its version."""
    profile = live.profile or profile_for_scratch(project)
    found = _MAJOR.match(live.state.server)
    if found is not None:
        wanted = profile or Profile(name="env.py", source="process")
        profile = replace(wanted, embedded=nearest_major(int(found[1])))
    with scratch_database(profile, root=project.root) as scratch:
        yield project.on(scratch)


def build(scratch: Project, revision: str) -> None:
    """Upgrade a scratch database to a revision.

    Raises:
        VerificationFailed: a revision does not run there.

    """
    try:
        build_history(scratch, revision)
    except (RunFailed, PartlyApplied) as error:
        raise VerificationFailed(
            f"the history does not build on an empty scratch database, so there is nothing to compare with: "
            f"{error.message}",
            where=error.where,
            state="the live database was only read",
            remedy="correct the revision: migrator verify",
            details=error.details,
        ) from error


def read_scratch(scratch: Project, live: LiveDatabase) -> tuple[Snapshot, str]:
    """The schema of a scratch database without its version table; and its server."""
    assert scratch.profile is not None  # noqa: S101 - a scratch database always has one
    with closing(connect(scratch.profile)) as connection:
        snapshot = read_snapshot(connection, leave_out=frozenset({str(live.version_table)}))
        return snapshot, read_server(connection)


def nearest_major(major: int) -> int:
    """The embedded server that is nearest to a PostgreSQL version; the newer of two that are equally near."""
    ranked = sorted(MAJORS, key=lambda each: (abs(each - major), -each))
    return next((each for each in ranked if _is_installed(each)), ranked[0])


def _is_installed(major: int) -> bool:
    try:
        installed(major)
    except ConfigurationError:
        return False
    return True


def version_notice(live: str, scratch: str) -> str | None:
    """What to know when the two servers are of different versions; None when they are not."""
    if _series(live) == _series(scratch):
        return None
    return (
        f"the live server is {live}, and the history was built on {scratch}: what the versions print differently may "
        "be among the differences; a server of the same version for the scratch database: MIGRATOR_SCRATCH_URL"
    )


def _series(server: str) -> str:
    """Product and major version; of others than PostgreSQL the first two numbers."""
    product, _, version = server.rpartition(" ")
    numbers = version.split(".")
    return f"{product} {'.'.join(numbers[: 1 if product == 'PostgreSQL' else 2])}"
