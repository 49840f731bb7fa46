"""The project's embedded servers as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrator.database.embedded.overview import ServerOverview

_SCHEMA = "migrator/local/1"


def servers_as_text(servers: Sequence[ServerOverview]) -> str:
    """One paragraph a server."""
    return "\n".join(_as_text(server) for server in servers)


def _as_text(found: ServerOverview) -> str:
    if found.state == "absent":
        return f"PostgreSQL {found.major}: not created (migrator local start --major {found.major})"
    lines = [f"PostgreSQL {found.major}: {found.state}"]
    if found.server:
        lines[0] += f", pid {found.server.pid}"
        lines.append(f"  socket  {found.server.socket_dir} (port {found.server.port}, user {found.server.user})")
    lines.append(f"  data    {found.data}")
    lines.append(f"  log     {found.log}")
    return "\n".join(lines)


def servers_as_json(servers: Sequence[ServerOverview]) -> str:
    """All that is known of each server."""
    return json.dumps({"schema": _SCHEMA, "servers": [_as_dict(server) for server in servers]}, ensure_ascii=False)


def _as_dict(found: ServerOverview) -> dict[str, object]:
    server = found.server
    return {
        "major": found.major,
        "state": found.state,
        "pid": server.pid if server else None,
        "socket_dir": str(server.socket_dir) if server else None,
        "port": server.port if server else None,
        "user": server.user if server else None,
        "data": str(found.data) if found.data else None,
        "log": str(found.log) if found.log else None,
    }


def change_as_json(action: str, changes: Sequence[tuple[int, bool]]) -> str:
    """What ``stop`` or ``reset`` did, per server."""
    servers = [{"major": major, "changed": changed} for major, changed in changes]
    return json.dumps({"schema": _SCHEMA, "action": action, "servers": servers})


def change_as_text(changes: Sequence[tuple[int, bool]], *, done: str, nothing: str) -> str:
    """What ``stop`` or ``reset`` did, one line a server."""
    return "\n".join(f"PostgreSQL {major}: {done if changed else nothing}" for major, changed in changes)


def url_as_json(url: str) -> str:
    """An address for a program."""
    return json.dumps({"schema": "migrator/local-url/1", "url": url}, ensure_ascii=False)
