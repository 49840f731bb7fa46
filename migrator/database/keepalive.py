"""A peer that is gone without a word: how soon each side of a connection notices, and ends what it was doing."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_IDLE = getattr(socket, "TCP_KEEPIDLE", None) or getattr(socket, "TCP_KEEPALIVE", None)
_INTERVAL = getattr(socket, "TCP_KEEPINTVL", None)
_COUNT = getattr(socket, "TCP_KEEPCNT", None)
_USER_TIMEOUT = getattr(socket, "TCP_USER_TIMEOUT", None)
_CHECK_CLIENT_EVERY: Final = 2000
"""Milliseconds between the server's looks at whether the client of a running statement is still there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keepalive:
    """When a silent connection is asked whether it is still alive; all in seconds but the count."""

    wanted: bool = True
    idle: int = 15
    """Silence before the first question."""
    interval: int = 5
    """Between the questions."""
    count: int = 3
    """Unanswered ones after which the connection is dead."""

    @property
    def patience(self) -> int:
        """Seconds from the last sign of life until the connection is given up."""
        return self.idle + self.interval * self.count


def keepalive_of(url_options: Mapping[str, str]) -> Keepalive:
    """What the words after ``?`` of a database's address ask for, as libpq names them; else the default."""
    default = Keepalive()
    return Keepalive(
        wanted=url_options.get("keepalives", "1") != "0",
        idle=_number(url_options.get("keepalives_idle"), default.idle),
        interval=_number(url_options.get("keepalives_interval"), default.interval),
        count=_number(url_options.get("keepalives_count"), default.count),
    )


def _number(written: str | None, default: int) -> int:
    return int(written) if written and written.isdecimal() and int(written) else default


def libpq_words(url_options: Mapping[str, str]) -> dict[str, int]:
    """The same as arguments of psycopg, without those that the address gives itself."""
    asked = keepalive_of(url_options)
    words = {
        "keepalives": 1,
        "keepalives_idle": asked.idle,
        "keepalives_interval": asked.interval,
        "keepalives_count": asked.count,
        # Probes are not sent while sent data is unacknowledged: only this limits that wait.
        "tcp_user_timeout": asked.patience * 1000,
    }
    return {name: value for name, value in words.items() if name not in url_options} if asked.wanted else {}


def keep_alive(driver_connection: Any, keepalive: Keepalive) -> None:
    """Set the same on the socket of a driver's connection; nothing where it shows none, or one of another kind."""
    descriptor = _descriptor(driver_connection) if keepalive.wanted else None
    if descriptor is None:
        return
    with socket.socket(fileno=os.dup(descriptor)) as client:
        if client.family not in (socket.AF_INET, socket.AF_INET6):
            return
        client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in (
            (_IDLE, keepalive.idle),
            (_INTERVAL, keepalive.interval),
            (_COUNT, keepalive.count),
            (_USER_TIMEOUT, keepalive.patience * 1000),
        ):
            if option is not None:
                client.setsockopt(socket.IPPROTO_TCP, option, value)


def _descriptor(driver_connection: Any) -> int | None:
    """The socket's number, of asyncpg, asyncmy, PyMySQL and psycopg."""
    transport = getattr(driver_connection, "_transport", None)
    if transport is None and (writer := getattr(driver_connection, "_writer", None)) is not None:
        transport = getattr(writer, "transport", None)
    client = driver_connection if transport is None else transport.get_extra_info("socket")
    client = getattr(client, "_sock", None) or client
    try:
        number = client.fileno()
    except Exception:  # noqa: BLE001 - a driver that shows no socket, or a connection that is gone already
        return None
    return number if isinstance(number, int) and number >= 0 else None


def server_guard(keepalive: Keepalive) -> str:
    """The statement that has a PostgreSQL session notice that its client is gone, for drivers and for SQLAlchemy alike.

    It takes no parameters. It shortens what the session has, never lengthens it, and leaves out what the server's
    version does not know. It is sent as a statement because poolers refuse start-up parameters that they do not know.
    """
    wanted = {"client_connection_check_interval": _CHECK_CLIENT_EVERY}
    if keepalive.wanted:
        wanted |= {
            "tcp_keepalives_idle": keepalive.idle,
            "tcp_keepalives_interval": keepalive.interval,
            "tcp_keepalives_count": keepalive.count,
            "tcp_user_timeout": keepalive.patience * 1000,
        }
    rows = ", ".join(f"('{name}', {value})" for name, value in wanted.items())
    return (
        f"SELECT set_config(s.name, w.value::text, false) FROM (VALUES {rows}) AS w (name, value) "  # noqa: S608
        "JOIN pg_catalog.pg_settings s ON s.name = w.name WHERE "
        "CASE WHEN s.vartype = 'integer' THEN s.setting::bigint = 0 OR s.setting::bigint > w.value ELSE false END"
    )
