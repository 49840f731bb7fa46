"""A PgBouncer of its own in front of a server."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from reliability.servers import Address

_CONFIGURATION = """
[databases]
* = host={host} port={port} user={user}{password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
default_pool_size = 60
"""


def program() -> str:
    """Where it is installed.

    Raises:
        RuntimeError: nowhere.

    """
    found = (
        os.environ.get("MIGRATOR_TEST_PGBOUNCER") or shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
    )
    if not found:
        raise RuntimeError("PgBouncer is not installed: apt-get install pgbouncer, or set MIGRATOR_TEST_PGBOUNCER")
    return found


@asynccontextmanager
async def pooled(database: Address, mode: str) -> AsyncIterator[Address]:
    """The same database through a pooler in that mode."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        listen = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        file = folder / "pgbouncer.ini"
        file.write_text(
            _CONFIGURATION.format(
                host=database.host,
                port=database.port,
                user=database.user,
                password=f" password={database.password}" if database.password else "",
                listen=listen,
                mode=mode,
            )
        )
        as_somebody = ["-u", "nobody"] if os.geteuid() == 0 else []
        process = await asyncio.create_subprocess_exec(
            program(), *as_somebody, str(file), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            async with asyncio.timeout(20):
                while not await _listens(listen):
                    await asyncio.sleep(0.05)
            yield database.at("127.0.0.1", listen)
        finally:
            process.terminate()
            await process.wait()


async def _listens(port: int) -> bool:
    with suppress(OSError):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        return True
    return False
