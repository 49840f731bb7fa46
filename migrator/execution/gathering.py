"""Reads where the project's database is: with the bare driver when that is enough, else through ``env.py``."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from migrator.chain.envfile import EnvironmentFile, read_environment_file
from migrator.database.ledger.consulting import with_ledger
from migrator.database.state import (
    DatabaseState,
    Reader,
    VersionTable,
    read_identity,
    read_server,
    read_state,
    require_supported,
    version_table_of,
)
from migrator.errors import Unreachable
from migrator.project import Project

if TYPE_CHECKING:
    from migrator.database.light import LightConnection
    from migrator.execution.adapter.binding import Binding
    from migrator.profiles.model import Profile

T = TypeVar("T")
Question: TypeAlias = Callable[[Reader, VersionTable, str], T]
"""What is asked of one database: through a reader, about a version table, at a location as people see it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The databases that a project leads to; several when ``env.py`` serves several in one run."""

    states: tuple[DatabaseState, ...]
    profile: Profile | None
    """The profile with its server's address filled in."""

    @property
    def state(self) -> DatabaseState:
        """The only database, or the first."""
        return self.states[0]


def gather(project: Project, *, with_server: bool = False) -> Gathered:
    """Read the state of the project's database. Nothing is written, and no table is created.

    Args:
        project: whose database is meant.
        with_server: also read the server's product and version.

    Raises:
        Unreachable: the database cannot be reached.
        ConfigurationError: ``env.py`` cannot be run, or leads to another database than the profile.

    """
    profile, states = ask(project, state_question(project, with_server=with_server))
    return Gathered(states=states, profile=profile)


def ask(project: Project, question: Question[T]) -> tuple[Profile | None, tuple[T, ...]]:
    """Put a question to each database that a project leads to; it must not write.

    Returns:
        The profile with its server's address filled in, and the answers.

    Raises:
        Unreachable: a database cannot be reached.
        ConfigurationError: ``env.py`` cannot be run, or leads to another database than the profile.

    """
    file = read_environment_file(project.layout.env_py)
    if project.profile is None:
        return None, _through_env_py(project, None, question)
    from migrator.database.connecting import connect, reachable

    profile = reachable(project.profile, root=project.root)
    require_supported(profile.dialect)
    if not file.version_table_known or file.opens_many:
        return profile, _through_env_py(project, bind(project, profile), question)
    with closing(connect(profile)) as connection:
        return profile, (question(connection, declared_version_table(profile, file), profile.location),)


def state_question(project: Project, *, with_server: bool = False) -> Question[DatabaseState]:
    """Where a database is, by its version table and its ledger; with the server's product, version and identity."""
    known = project.reading.chain.revisions
    ledger_schema = project.care.ledger_schema

    def question(reader: Reader, version_table: VersionTable, location: str) -> DatabaseState:
        state = read_state(reader, version_table, location=location)
        state = with_ledger(reader, state, version_table, configured=ledger_schema, known=known)
        return replace(state, server=read_server(reader), identity=read_identity(reader)) if with_server else state

    return question


def declared_version_table(profile: Profile, file: EnvironmentFile) -> VersionTable:
    """The version table of a profile's database, as the profile or else ``env.py`` names it."""
    return version_table_of(profile, VersionTable(file.version_table or "alembic_version", file.version_table_schema))


def gather_again(project: Project, gathered: Gathered, connection: LightConnection | None) -> Gathered:
    """Read once more what `gather` has read, over a connection that is open already where there is one.

    Raises:
        MigratorError: see `gather`.

    """
    file = read_environment_file(project.layout.env_py)
    profile = gathered.profile
    if connection is None or profile is None or not file.version_table_known or file.opens_many:
        return gather(project)
    try:
        state = state_question(project)(connection, declared_version_table(profile, file), profile.location)
    except Unreachable:
        return gather(project)
    return Gathered(states=(state,), profile=profile)


def _through_env_py(project: Project, binding: Binding | None, question: Question[T]) -> tuple[T, ...]:
    from migrator.execution.adapter.reading import ask_through_env_py

    return ask_through_env_py(project, binding, question)


def bind(project: Project, profile: Profile, connection: LightConnection | None = None) -> Binding:
    """Tie a run of ``env.py`` to a profile's database, by what the server says of it now.

    Args:
        project: whose ``env.py`` will run.
        profile: the database that is meant.
        connection: one to that database that is open already.

    """
    from migrator.database.connecting import connect, reachable
    from migrator.execution.adapter.binding import Binding

    profile = reachable(profile, root=project.root)
    if profile.dialect == "sqlite":
        identity: tuple[str, ...] = (str(Path(str(profile.database)).resolve()),)
    elif connection is not None:
        identity = read_identity(connection)
    else:
        with closing(connect(profile)) as opened:
            identity = read_identity(opened)
    return Binding(profile=profile, identity=identity, described=profile.location, replace=project.replaces_connection)
