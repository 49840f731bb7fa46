"""Databases on the embedded server, made with its own psql: no driver is loaded for it."""

from __future__ import annotations

import os
import subprocess

from migrator.database.embedded.binaries import installed
from migrator.database.embedded.running import EmbeddedServer
from migrator.errors import Unreachable


def ensure_database(server: EmbeddedServer, name: str) -> bool:
    """Create a database on the embedded server unless it is there.

    Returns:
        Whether it was created.

    Raises:
        Unreachable: the server refuses.

    """
    if psql(server, "SELECT 1 FROM pg_database WHERE datname = :'name'", name=name).strip():
        return False
    try:
        psql(server, 'CREATE DATABASE :"name"', name=name)
    except Unreachable:
        if psql(server, "SELECT 1 FROM pg_database WHERE datname = :'name'", name=name).strip():
            return False  # two commands at once: the other one was first
        raise
    return True


def psql(server: EmbeddedServer, sql: str, **values: str) -> str:
    """Run one statement on the server's ``postgres`` database without a driver; ``values`` are psql variables in it.

    Raises:
        Unreachable: the statement failed.

    """
    variables = [part for name, value in values.items() for part in ("-v", f"{name}={value}")]
    program = str(installed(server.major) / "psql")
    place = ["-h", str(server.socket_dir), "-p", str(server.port), "-U", server.user, "-d", "postgres"]
    outcome = subprocess.run(
        [program, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *variables, *place],
        input=sql,
        check=False,
        capture_output=True,
        text=True,
        env={"LC_ALL": "C", "PGCLIENTENCODING": "UTF8", "PATH": os.defpath},
    )
    if outcome.returncode:
        raise Unreachable(
            "The embedded server refused a statement.",
            where=str(server.data),
            details=outcome.stderr.strip().splitlines(),
            remedy="migrator local status",
        )
    return outcome.stdout
