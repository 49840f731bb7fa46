"""Keep a piece of work on its scratch database: SQLAlchemy opens no other one for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

from migrator.database.connecting import connect
from migrator.database.connection_reader import ConnectionReader
from migrator.database.drivers import driver_for
from migrator.database.state import read_identity
from migrator.database.statements.showing import one_line
from migrator.database.urls import connect_arguments, standalone_url
from migrator.errors import VerificationFailed
from migrator.profiles.model import Profile
from migrator.verification.straying import stray


@contextmanager
def confined_to(scratch: Profile) -> Iterator[None]:
    """While this lasts, refuse every SQLAlchemy connection of this process that leads to another database.

    It guards against an ``env.py`` that ignores the connection it is handed: such a one would take the database of its
    own settings down to base. Statements that reach for another database by its name are refused too.

    Raises:
        VerificationFailed: from the ``connect()`` that leads elsewhere, before any statement of its user; or in place
            of the statement.

    """
    meant = _identity(scratch)

    def require(connection: Connection) -> None:
        found = read_identity(ConnectionReader(connection))
        connection.rollback()
        if found != meant:
            theirs = connection.engine.url.render_as_string(hide_password=True)
            connection.invalidate()
            connection.close()
            raise VerificationFailed(
                f"{theirs} was about to be used in place of the scratch database {scratch.location}.",
                state="nothing was run there",
                remedy='let env.py use the connection that it is handed: context.config.attributes.get("connection")',
            )

    def refuse(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        other = stray(statement, connection.dialect.name, str(scratch.database))
        if other is not None:
            raise VerificationFailed(
                f"a statement was about to change {other} from the scratch database {scratch.database}: "
                f"{one_line(statement, dialect=connection.dialect.name)}",
                state="the statement was not run",
                remedy="leave the database's name out: the connection is on the one that is meant",
            )

    event.listen(Engine, "engine_connect", require)
    event.listen(Engine, "before_cursor_execute", refuse)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", refuse)
        event.remove(Engine, "engine_connect", require)


@contextmanager
def scratch_engine(scratch: Profile) -> Iterator[Engine]:
    """A synchronous engine with a pool on a scratch database: a history is run on it in hundreds of short steps."""
    driver = driver_for(scratch, asynchronous=False)
    engine = create_engine(
        standalone_url(scratch, driver=driver),
        connect_args=connect_arguments(scratch, driver=driver),
        hide_parameters=True,
    )
    try:
        yield engine
    finally:
        engine.dispose()


def _identity(scratch: Profile) -> tuple[str, ...]:
    if scratch.dialect == "sqlite":
        return (str(Path(str(scratch.database)).resolve()),)
    with closing(connect(scratch)) as connection:
        return read_identity(connection)
