"""Looks at a project's databases again and again, and asks for little as long as nothing changes."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from migrator.chain.envfile import read_environment_file
from migrator.database.light import LightConnection
from migrator.database.state import DatabaseState, Reader, VersionTable, read_version_rows
from migrator.errors import MigratorError
from migrator.events import LockHolder
from migrator.execution.gathering import ask, declared_version_table, state_question
from migrator.execution.lock_holder import holder_of
from migrator.project import Project

if TYPE_CHECKING:
    from types import TracebackType


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One database at one moment."""

    state: DatabaseState
    holder: LockHolder | None
    """Who migrates it."""

    @property
    def half_applied(self) -> tuple[str, ...]:
        """Revisions that were cut half way: something of them is written down, and nobody is at work."""
        return () if self.holder else tuple(cut.revision for cut in self.state.cut)


class Lookout:
    """One connection that stays open; without one where only ``env.py`` knows the database. It never writes."""

    def __init__(self, project: Project) -> None:
        """Open nothing yet."""
        self._project = project
        self._file = read_environment_file(project.layout.env_py)
        self._connection: LightConnection | None = None
        self._location = ""
        self._table = VersionTable()
        self._last: Sighting | None = None

    def look(self) -> tuple[Sighting, ...]:
        """See where each database is.

        Raises:
            Unreachable: one cannot be reached; the next look tries to connect again.
            ConfigurationError: ``env.py`` cannot be run, or leads to another database than the profile.

        """
        profile = self._project.profile
        if profile is None or not self._file.version_table_known or self._file.opens_many:
            return ask(self._project, self._seen)[1]
        try:
            connection = self._connected()
            if self._last is not None and self._rows(connection) == self._last.state.rows:
                holder = holder_of(self._project, connection, self._table, self._location)
                if _session(holder) == _session(self._last.holder):
                    self._last = replace(self._last, holder=holder)
                    return (self._last,)
            self._last = self._seen(connection, self._table, self._location)
        except MigratorError:
            self._hang_up()
            raise
        return (self._last,)

    def _seen(self, reader: Reader, table: VersionTable, location: str) -> Sighting:
        # The holder first: when it ends in between, the state is the newer of the two.
        holder = holder_of(self._project, reader, table, location)
        return Sighting(state=state_question(self._project)(reader, table, location), holder=holder)

    def _rows(self, reader: Reader) -> tuple[str, ...]:
        assert self._last is not None  # noqa: S101 - asked after a first look only
        return read_version_rows(reader, self._table, exists=self._last.state.version_table_exists)

    def _connected(self) -> LightConnection:
        if self._connection is None:
            from migrator.database.connecting import connect, reachable

            assert self._project.profile is not None  # noqa: S101 - without one there is no bare connection
            profile = reachable(self._project.profile, root=self._project.root)
            self._table = declared_version_table(profile, self._file)
            self._location = profile.location
            self._connection = connect(profile, application_name=f"{profile.application_name} wait")
        return self._connection

    def _hang_up(self) -> None:
        connection, self._connection, self._last = self._connection, None, None
        if connection is not None:
            with closing(connection):
                pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._hang_up()


def _session(holder: LockHolder | None) -> str | None:
    return None if holder is None else holder.session
