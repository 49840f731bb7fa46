"""What there is of embedded servers in a project, and how to reach one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from migrator.database.embedded.binaries import installed
from migrator.database.embedded.placement import find_data
from migrator.database.embedded.programs import LOG_NAME
from migrator.database.embedded.running import EmbeddedServer, find_running_on, is_server_process, read_pid_file
from migrator.errors import Unreachable

ServerState = Literal["running", "starting or stopping", "stopped", "absent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOverview:
    """One embedded server of a project, running or not."""

    major: int
    state: ServerState
    data: Path | None
    """None: nothing was ever created."""
    server: EmbeddedServer | None

    @property
    def log(self) -> Path | None:
        """The server's log file."""
        return self.data / LOG_NAME if self.data else None


def look_at(root: Path, major: int) -> ServerOverview:
    """Look at one server of a project; starts and writes nothing."""
    data = find_data(root, major)
    server = find_running_on(data, major) if data else None
    return ServerOverview(major=major, state=_state(data, server), data=data, server=server)


def _state(data: Path | None, server: EmbeddedServer | None) -> ServerState:
    if server:
        return "running"
    if data is None:
        return "absent"
    noted = read_pid_file(data)
    return "starting or stopping" if noted and is_server_process(noted.pid, data) else "stopped"


def server_url(server: EmbeddedServer, database: str, *, driver: str | None = None) -> str:
    """The address of a database on the server: for libpq and asyncpg, or for SQLAlchemy when a driver is named."""
    scheme = f"postgresql+{driver}" if driver else "postgresql"
    return f"{scheme}://{server.user}@/{quote(database, safe='')}?host={quote(str(server.socket_dir), safe='/')}"


def psql_command(server: EmbeddedServer, database: str) -> tuple[str, ...]:
    """The program and arguments that open a session on a database of the server.

    Raises:
        ConfigurationError: the wheel is not installed.

    """
    place = ("-h", str(server.socket_dir), "-p", str(server.port), "-U", server.user, "-d", database)
    return (str(installed(server.major) / "psql"), *place)


def require_running(root: Path, major: int) -> EmbeddedServer:
    """Find the project's server, which must be up already.

    Raises:
        Unreachable: it is not.

    """
    found = look_at(root, major)
    if found.server is None:
        raise Unreachable(
            f"The embedded PostgreSQL {major} is not running ({found.state}).",
            where=str(found.data) if found.data else None,
            remedy=f"migrator local start --major {major}",
        )
    return found.server
