"""Lead every SQLAlchemy connection of a piece of work to its scratch database, whatever address it was made for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Dialect, Engine, event

from migrator.database.urls import standalone_url
from migrator.errors import VerificationFailed
from migrator.profiles.model import Profile
from migrator.verification.confining import confined_to

_ADDRESS = frozenset(
    {
        *("host", "hostaddr", "port", "user", "username", "password", "passwd", "passfile", "database", "dbname", "db"),
        *("dsn", "service", "unix_socket", "ssl", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslpassword"),
        *("direct_tls", "target_session_attrs", "conninfo"),
    }
)
"""Names of drivers' arguments that say where to connect and as whom; others, such as a search path, are kept."""
_FAMILY = {"mariadb": "mysql"}


@contextmanager
def redirected_to(scratch: Profile) -> Iterator[None]:
    """While this lasts, an engine that would connect elsewhere connects to the scratch database instead.

    An ``env.py`` or a revision that makes an engine of its own then works on the scratch database too. What cannot be
    led there, such as an engine with a ``creator`` or with connections that are open already, is refused.

    Raises:
        VerificationFailed: from the ``connect()`` that leads elsewhere, before any statement of its user.

    """

    def lead(dialect: Dialect, _record: Any, arguments: list[Any], parameters: dict[str, Any]) -> None:
        if _FAMILY.get(dialect.name, dialect.name) != _FAMILY.get(scratch.dialect, scratch.dialect):
            raise VerificationFailed(
                f"A {dialect.name} database was about to be used beside the scratch database {scratch.location}.",
                state="nothing was run there",
                remedy="only databases of one dialect can be verified together",
            )
        places, own = dialect.create_connect_args(standalone_url(scratch, driver=dialect.driver))
        for name in _ADDRESS.intersection(parameters):
            del parameters[name]
        arguments[:] = places
        parameters.update(own)

    event.listen(Engine, "do_connect", lead)
    try:
        with confined_to(scratch):
            yield
    finally:
        event.remove(Engine, "do_connect", lead)
