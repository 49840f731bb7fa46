"""A PgBouncer of its own in front of a server, in transaction mode."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from migrator.profiles.model import Profile

PROGRAM = os.environ.get("MIGRATOR_TEST_PGBOUNCER") or shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
_CONFIGURATION = """
[databases]
* = host={host} port={port} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 300
"""


@contextmanager
def pooled(server: Profile, size: int) -> Iterator[Profile]:
    """The same database through a pooler that has so many sessions on the server."""
    assert PROGRAM is not None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        listen = int(probe.getsockname()[1])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        file = folder / "pgbouncer.ini"
        way = {"host": server.host, "port": server.port, "user": server.user}
        file.write_text(_CONFIGURATION.format(**way, listen=listen, size=size))
        as_somebody = ["-u", "nobody"] if os.geteuid() == 0 else []
        with (folder / "log").open("w") as log:
            process = subprocess.Popen([PROGRAM, *as_somebody, str(file)], stdout=log, stderr=log)
        try:
            _wait_for(listen)
            yield replace(server, host="127.0.0.1", port=listen)
        finally:
            process.terminate()
            process.wait(timeout=10)


def _wait_for(port: int) -> None:
    for _ in range(300):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise AssertionError("PgBouncer does not listen")
