"""The proof that ``env.py`` works on the database that was meant."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine, text

from migrator.database.connection_reader import ConnectionReader
from migrator.database.state import read_identity
from migrator.database.urls import server_settings
from migrator.errors import ConfigurationError
from migrator.execution.adapter.connections import settle
from migrator.profiles.model import Profile


class WrongDatabase(ConfigurationError):
    """``env.py`` insists on a database that is not the profile's."""


@dataclass
class Binding:
    """Ties a run of ``env.py`` to one database."""

    profile: Profile
    identity: tuple[str, ...]
    """What :func:`migrator.database.state.read_identity` says of the database that is meant."""
    described: str
    """The profile's database in words."""
    replace: bool = False
    """Put a connection of our own in place of a wrong one (scratch databases) instead of refusing it."""
    _opened: list[tuple[Engine, Connection]] = field(default_factory=list)

    def bound(self, connection: Connection) -> Connection:
        """The connection to use instead of the one that ``env.py`` made; usually the same.

        Raises:
            WrongDatabase: it leads elsewhere and may not be replaced.

        """
        same_dialect = connection.dialect.name in {self.profile.dialect, _ALIASES.get(self.profile.dialect)}
        if same_dialect:
            found = read_identity(ConnectionReader(connection))
            if found == self.identity:
                self._give_session_settings(connection)
                settle(connection)
                return connection
        if self.replace:
            return self._own_connection()
        theirs = connection.engine.url.render_as_string(hide_password=True)
        raise WrongDatabase(
            f"env.py connects to {theirs}, but profile {self.profile.name!r} is {self.described}",
            state="nothing was run",
            remedy=(
                "let env.py use the connection that is handed to it: "
                'connection = context.config.attributes.get("connection"), or its URL from '
                'config.get_main_option("sqlalchemy.url"); or correct the profile'
            ),
        )

    def _give_session_settings(self, connection: Connection) -> None:
        """Timeouts, search path and name of the profile, on a connection that ``env.py`` may have opened by itself."""
        if self.profile.dialect != "postgresql":
            return
        settings = {"application_name": self.profile.application_name, **server_settings(self.profile)}
        calls = ", ".join(f"set_config(:n{number}, :v{number}, false)" for number in range(len(settings)))
        values = {f"n{number}": name for number, name in enumerate(settings)}
        values |= {f"v{number}": value for number, value in enumerate(settings.values())}
        connection.execute(text(f"SELECT {calls}"), values)

    def _own_connection(self) -> Connection:
        from migrator.database.drivers import driver_for
        from migrator.database.engines import create_migration_engine

        driver = driver_for(self.profile, asynchronous=False)
        engine = create_migration_engine(self.profile, asynchronous=False, driver=driver)
        assert isinstance(engine, Engine)  # noqa: S101 - asynchronous=False
        connection = engine.connect()
        self._opened.append((engine, connection))
        return connection

    def close(self) -> None:
        """Close the connections that took the place of others."""
        for engine, connection in self._opened:
            connection.close()
            engine.dispose()
        self._opened.clear()


_ALIASES = {"mysql": "mariadb", "mariadb": "mysql"}
