"""Whether the schema suits the code that is about to use it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from migrator.errors import ExitCode, MigratorError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from migrator.database.state import Reader, VersionTable
    from migrator.profiles.model import Profile
    from migrator.project import Project


class SchemaBehind(MigratorError):
    """The database does not have the schema that this code needs."""

    exit_code = ExitCode.FINDINGS


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What a look at the version table has shown."""

    is_ready: bool
    current: tuple[str, ...] = ()
    """Revisions that the database is at."""
    pending: tuple[str, ...] = ()
    """Revisions that it lacks, first one first."""
    is_ahead: bool = False
    """It has revisions that this code does not know, and is good enough all the same."""
    reason: str = ""
    """Why it is not ready."""
    may_change: bool = True
    """Whether waiting may help."""


class Requirement:
    """What the code needs the schema to be, read from its revision files once, and how to ask for it cheaply."""

    def __init__(self, project: Project, table: VersionTable, revision: str) -> None:
        """Read the revision files; see `of`."""
        from migrator.execution.arrival import wanted_revisions

        project.reading.require_sound()
        self._project = project
        self._table = table
        self._revision = revision
        self._wanted = wanted_revisions(project.chain, revision)
        self._last: Readiness | None = None

    @classmethod
    def of(cls, profile: Profile, root: Path, revision: str) -> Self:
        """Find the revision files of the application.

        Raises:
            ConfigurationError: there is no Alembic project in the folder.
            ChainError, UsageError: the revision files are not sound, or have no such revision.

        """
        from migrator.chain.envfile import read_environment_file
        from migrator.chain.layout import find_layout
        from migrator.execution.gathering import declared_version_table
        from migrator.project import Project

        project = Project(layout=find_layout(root, environ=os.environ), profile=profile)
        return cls(project, declared_version_table(profile, read_environment_file(project.layout.env_py)), revision)

    def met_by(self, connection: Connection) -> Readiness:
        """Look at a database: a single query while nothing has changed since the last look."""
        from migrator.database.connection_reader import ConnectionReader
        from migrator.database.state import read_version_rows

        reader = ConnectionReader(connection)
        last, self._last = self._last, None
        if last is None or not last.current or read_version_rows(reader, self._table, exists=True) != last.current:
            last = self._judged(reader)
        self._last = last
        return last

    def _judged(self, reader: Reader) -> Readiness:
        from migrator.execution.arrival import judge
        from migrator.execution.gathering import state_question

        project = self._project
        state = state_question(project)(reader, self._table, "")
        accepts_ahead = project.care.if_ahead != "fail"
        try:
            arrival = judge(project.chain, state, self._revision, self._wanted, accepts_ahead=accepts_ahead)
        except MigratorError as unfit:
            return Readiness(is_ready=False, current=state.rows, reason=unfit.message, may_change=False)
        pending = tuple(each.id for each in arrival.pending)
        return Readiness(
            is_ready=arrival.is_there,
            current=state.rows,
            pending=pending,
            is_ahead=arrival.is_ahead,
            reason="" if arrival.is_there else _lacking(pending),
        )


def _lacking(pending: tuple[str, ...]) -> str:
    count = len(pending)
    return f"{count} revision{'' if count == 1 else 's'} of this code {'is' if count == 1 else 'are'} not applied"


def not_reached(error: BaseException, profile: Profile) -> Readiness:
    """What there is to say when the question was not answered."""
    from migrator.database.failures import reason_of
    from migrator.redaction import redact

    said = redact(" ".join(str(error).split()))
    return Readiness(is_ready=False, reason=f"no answer from {profile.location}: {reason_of(error).value} ({said})")


def behind(found: Readiness, profile: Profile) -> SchemaBehind:
    """The error for a schema that does not suit the code."""
    option = f" --env {profile.name}" if profile.source == "file" and profile.name != "local" else ""
    return SchemaBehind(
        f"The schema does not suit this code: {found.reason}.",
        where=profile.location,
        state=f"the database is at {', '.join(found.current) or 'no revision'}; nothing was changed",
        remedy=f"migrator upgrade{option}" if found.pending else f"migrator status{option}",
        details=found.pending,
    )
