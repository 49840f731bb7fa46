"""PgBouncer between the tool and the server: refused in transaction mode, which cannot hold a lock; else welcome."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from processes import eventually, lock_sessions, version
from projects import TinyProject

from migrator.database.connecting import connect
from migrator.profiles.model import Profile

CONFIGURATION = """
[databases]
* = host={host} port={port} user={user}{password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
default_pool_size = {size}
query_wait_timeout = 20
"""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(program: str, server: Profile, mode: str, size: int) -> Iterator[Profile]:
    listen = _free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        file = folder / "pgbouncer.ini"
        file.write_text(
            CONFIGURATION.format(
                password=f" password={server.password.reveal()}" if server.password else "",
                host=server.host,
                port=server.port,
                user=server.user,
                listen=listen,
                mode=mode,
                size=size,
            )
        )
        as_somebody = ["-u", "nobody"] if os.geteuid() == 0 else []
        with (folder / "log").open("w") as log:
            process = subprocess.Popen([program, *as_somebody, str(file)], stdout=log, stderr=log)
        try:
            eventually(lambda: _listens(listen))
            yield replace(server, host="127.0.0.1", port=listen)
        finally:
            process.terminate()
            process.wait(timeout=10)


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@pytest.fixture
def pooled(pgbouncer: str) -> Iterator[Callable[..., Profile]]:
    """``pooled(profile, "transaction")``: the same database through a pooler in that mode."""
    with ExitStack() as stack:
        yield lambda server, mode, size=5: stack.enter_context(_running(pgbouncer, server, mode, size))


@pytest.mark.parametrize("size", [1, 5])
def test_transaction_mode_is_refused_with_the_remedy(
    project: TinyProject, postgres_database: Profile, pooled: Callable[..., Profile], size: int
) -> None:
    project.use(pooled(postgres_database, "transaction", size))
    project.revision("r1")
    refused = project.run("upgrade")
    assert refused.returncode == 3, refused.stderr
    assert "pooler in transaction mode" in refused.stderr
    assert "DB_MIGRATION_HOST" in refused.stderr
    assert lock_sessions(postgres_database) == []


def test_transaction_mode_is_noticed_among_other_clients(
    project: TinyProject, local_database: Profile, pooled: Callable[..., Profile]
) -> None:
    """Others keep the pool's sessions moving."""
    through = pooled(local_database, "transaction")
    project.use(through)
    project.revision("r1")
    with ExitStack() as stack:
        others = [stack.enter_context(connect(through, autocommit=False)) for _ in range(3)]
        for other in others:
            other.fetch("SELECT 1")
        for other in others[:2]:
            other.rollback()
        refused = project.run("upgrade")
    assert refused.returncode == 3, refused.stderr


def test_the_direct_way_that_the_remedy_names_works(
    project: TinyProject, postgres_database: Profile, pooled: Callable[..., Profile]
) -> None:
    through = pooled(postgres_database, "transaction")
    project.use(through, DB_MIGRATION_HOST=str(postgres_database.host), DB_MIGRATION_PORT=str(postgres_database.port))
    project.revision("r1")
    done = project.run("upgrade")
    assert done.returncode == 0, done.stderr
    assert version(postgres_database) == ["r1"]


def test_session_mode_works(project: TinyProject, postgres_database: Profile, pooled: Callable[..., Profile]) -> None:
    project.use(pooled(postgres_database, "session"))
    project.revision("r1")
    done = project.run("upgrade")
    assert done.returncode == 0, done.stderr
    assert lock_sessions(postgres_database) == []
