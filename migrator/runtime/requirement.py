"""What the code needs the schema to be, and how a database is asked for it cheaply."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self, TypeAlias

from migrator.errors import ConfigurationError, MigratorError
from migrator.runtime.readiness import Readiness

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from migrator.chain.layout import Layout
    from migrator.database.state import DatabaseState, Reader, VersionTable
    from migrator.profiles.model import Profile
    from migrator.project import Project

_Question: TypeAlias = "Callable[[Reader, VersionTable, str], DatabaseState]"
_Verdict: TypeAlias = "Callable[[DatabaseState], Readiness]"
_AN_ID: Final = re.compile(r"(?!(?:heads?|base|current)$)\w+")


class Requirement:
    """What the code needs the schema to be. Made once; a database is asked again and again."""

    def __init__(self, table: VersionTable, question: _Question, verdict: _Verdict, *, autocommit: bool) -> None:
        """Keep what to ask and how to judge it; see `of`."""
        self._table = table
        self._question = question
        self._verdict = verdict
        self._autocommit = autocommit
        self._last: tuple[DatabaseState, Readiness] | None = None

    @classmethod
    def of(cls, profile: Profile, root: Path, revision: str) -> Self:
        """Read the revision files of the application; where there are none, a revision's id is enough.

        Raises:
            ConfigurationError: there is no Alembic project in the folder, and the revision is not named by its id; or
                only running ``env.py`` could tell the version table.
            ChainError, UsageError: the revision files are not sound, or have no such revision.

        """
        from migrator.database.state import require_supported, version_table_of

        require_supported(profile.dialect)
        layout = _layout(root, revision)
        # Outside of a transaction a look is a single statement to PostgreSQL; other servers are told of each change of
        # mode, and what is set in each transaction of a pooler needs one.
        autocommit = profile.dialect == "postgresql" and not profile.pgbouncer
        if layout is None:
            table = version_table_of(profile, None)
            return cls(table, _by_ledger(profile, revision), _containing(revision), autocommit=autocommit)
        from migrator.execution.gathering import state_question
        from migrator.project import Project

        project = Project(layout=layout, profile=profile)
        return cls(
            _declared(project, profile), state_question(project), _judging(project, revision), autocommit=autocommit
        )

    def met_by(self, connection: Connection) -> Readiness:
        """Look at a database: a single query while nothing has changed since the last look."""
        from migrator.database.connection_reader import ConnectionReader

        if self._autocommit:
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        reader = ConnectionReader(connection)
        last = self._last
        if last is not None and self._is_as_it_was(connection, reader, last[0]):
            return last[1]
        state = self._question(reader, self._table, "")
        found = self._verdict(state)
        # What the ledger was needed for and did not prove is asked anew: its rows, or the right to read it, may come.
        self._last = (state, found) if found.is_ready or found.pending else None
        return found

    def _is_as_it_was(self, connection: Connection, reader: Reader, state: DatabaseState) -> bool:
        from sqlalchemy.exc import DBAPIError

        from migrator.database.state import read_version_rows

        try:
            return read_version_rows(reader, self._table, exists=state.version_table_exists) == state.rows
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            connection.rollback()  # the table may have been dropped: a whole look tells
            return False


def _layout(root: Path, revision: str) -> Layout | None:
    """The project of a folder; None where there is none, which a revision's id can do without.

    An image may hold ``pyproject.toml`` and no revision files: a chain of nothing would be met by any database.
    """
    from migrator.chain.layout import find_layout

    missing = None
    try:
        layout = find_layout(root, environ=os.environ)
    except ConfigurationError as error:
        missing, why = error, error.message
    else:
        if any(folder.is_dir() for folder in layout.version_locations):
            return layout
        why = f"{', '.join(map(str, layout.version_locations))} does not exist."
    if _AN_ID.fullmatch(revision):
        return None
    raise ConfigurationError(
        f"There are no revision files that could say what {revision!r} means: {why}",
        where=str(root),
        remedy="put the Alembic project into the image, or name the revision that the code needs by its whole id, as "
        "`migrator heads` prints it",
    ) from missing


def _declared(project: Project, profile: Profile) -> VersionTable:
    from migrator.chain.envfile import read_environment_file
    from migrator.execution.gathering import declared_version_table

    file = read_environment_file(project.layout.env_py)
    is_unknown = not file.version_table_known and profile.version_table is None and file.path.is_file()
    # Flask-Migrate's takes whatever the application gives, which is next to always nothing: then it is Alembic's own.
    if is_unknown and not file.flask:
        raise ConfigurationError(
            "env.py computes the name of the version table, and an application does not run env.py.",
            where=project.display(str(file.path)),
            remedy="set DB_VERSION_TABLE (and DB_VERSION_TABLE_SCHEMA)",
        )
    return declared_version_table(profile, file)


def _judging(project: Project, revision: str) -> _Verdict:
    """Compare a database with the revision files."""
    from migrator.execution.arrival import judge, wanted_revisions

    project.reading.require_sound()
    wanted = wanted_revisions(project.chain, revision)
    accepts_ahead = project.care.if_ahead != "fail"

    def verdict(state: DatabaseState) -> Readiness:
        try:
            arrival = judge(project.chain, state, revision, wanted, accepts_ahead=accepts_ahead)
        except MigratorError as unfit:
            return Readiness(
                is_ready=False, current=state.rows, reason=unfit.message, remedy=unfit.remedy or "", may_change=False
            )
        if arrival.is_there:
            return Readiness(is_ready=True, current=state.rows, is_ahead=arrival.is_ahead)
        pending = tuple(each.id for each in arrival.pending)
        return Readiness(is_ready=False, current=state.rows, pending=pending, reason=_lacking(pending, state))

    return verdict


def _lacking(pending: tuple[str, ...], state: DatabaseState) -> str:
    count = len(pending)
    lacking = f"{count} revision{'' if count == 1 else 's'} of this code {'is' if count == 1 else 'are'} not applied"
    begun = ", ".join(cut.revision for cut in state.cut)
    return f"{lacking}; {begun} was begun and has not ended" if begun else lacking


def _by_ledger(profile: Profile, revision: str) -> _Question:
    """Where a database is, and what its ledger knows unless it is at the revision itself."""
    from migrator.database.ledger.consulting import with_ledger
    from migrator.database.state import read_state

    def question(reader: Reader, table: VersionTable, location: str) -> DatabaseState:
        state = read_state(reader, table, location=location)
        if revision in state.rows:
            return replace(state, recorded={})
        return with_ledger(reader, state, table, configured=profile.ledger_schema, known=())

    return question


def _containing(revision: str) -> _Verdict:
    """Judge without revision files: a database suits the code if one of its rows is the revision, or stands on it."""
    from migrator.chain.graph import reachable
    from migrator.execution.lineage import recorded_parents

    def verdict(state: DatabaseState) -> Readiness:
        if revision in state.rows:
            return Readiness(is_ready=True, current=state.rows)
        if revision in reachable(state.rows, partial(recorded_parents, state.recorded or {})):
            return Readiness(is_ready=True, current=state.rows, is_ahead=True)
        reason = (
            f"{revision} is not applied, as far as its ledger knows"
            if state.recorded
            else f"it is not at {revision}, and has no ledger that this user may read to say more"
        )
        return Readiness(is_ready=False, current=state.rows, reason=reason)

    return verdict
