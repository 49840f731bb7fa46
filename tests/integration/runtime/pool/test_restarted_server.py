"""The whole server is restarted under load: errors of the outage, then everything works, and nothing has leaked."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from applications import LOST, Application, Ground, Kind, until
from servers_side import sessions

from migrator.database import embedded
from migrator.database.embedded.account import account_for
from migrator.database.embedded.binaries import usable_by
from migrator.database.embedded.programs import LOG_NAME, run_program
from migrator.profiles.model import Profile

MAJOR = 18
WORKERS = 12
KINDS = [Kind("own", "asyncpg", True), Kind("own", "psycopg", True), Kind("own", "psycopg", False)]


@pytest.fixture(scope="module")
def own_server() -> Iterator[Path]:
    """The folder of a server that no other test uses."""
    folder = Path(tempfile.mkdtemp(prefix="mp-", dir="/tmp"))
    folder.chmod(0o755)
    embedded.ensure_running(folder, MAJOR)
    yield folder
    embedded.reset(folder, MAJOR)
    shutil.rmtree(folder)


@pytest.fixture(params=KINDS, ids=str)
def own_ground(request: pytest.FixtureRequest, own_server: Path, tmp_path: Path) -> Ground:
    """A kind of application on that server."""
    server = embedded.ensure_running(own_server, MAJOR)
    profile = Profile(
        name="test",
        source="process",
        driver=request.param.driver,
        host=str(server.socket_dir),
        port=server.port,
        user=server.user,
        database="postgres",
    )
    return Ground(request.param, profile, tmp_path)


def _restart(folder: Path) -> None:
    running = embedded.find_running(folder, MAJOR)
    assert running is not None
    account = account_for(running.data, folder)
    command = [str(usable_by(account, MAJOR) / "pg_ctl"), "restart", "-m", "immediate", "-w", "-t", "60"]
    outcome = run_program([*command, "-D", ".", "-l", LOG_NAME], account, folder=running.data)
    assert outcome.returncode == 0, outcome.stdout


@dataclass
class Load:
    """Workers that ask one question after the other."""

    app: Application
    answers: int = 0
    lost: list[BaseException] = field(default_factory=list)
    others: list[BaseException] = field(default_factory=list)
    ends: asyncio.Event = field(default_factory=asyncio.Event)

    async def work(self) -> None:
        while not self.ends.is_set():
            try:
                async with self.app.session() as held:
                    await held.ask(self.app.who)
                    await held.ask("SELECT pg_sleep(0.002)")
                self.answers += 1
            except LOST as error:
                self.lost.append(error)
                await asyncio.sleep(0.02)
            except Exception as error:  # noqa: BLE001 - whatever it is, the test tells it
                self.others.append(error)

    async def more(self, count: int) -> None:
        """Wait for so many further answers."""
        wanted = self.answers + count
        await until(lambda: self.answers >= wanted)


def test_a_server_that_is_restarted_under_load(own_ground: Ground, own_server: Path) -> None:
    async def application() -> None:
        async with own_ground.application(DB_POOL_SIZE="4", DB_MAX_OVERFLOW="2") as app:
            before = app.database.engine
            load = Load(app)
            workers = [asyncio.create_task(load.work()) for _ in range(WORKERS)]
            try:
                await load.more(50)
                await asyncio.to_thread(_restart, own_server)
                await load.more(50)
                outage = len(load.lost)
                await load.more(100)
            finally:
                load.ends.set()
                await asyncio.gather(*workers)
            assert load.others == []
            assert outage, "the restart was noticed"
            assert len(load.lost) == outage, "none after the outage"
            assert app.database.engine is before
            assert app.figures.checked_out == 0
            assert app.figures.idle <= 4
            await _only_the_pools(app, own_ground.profile)

    asyncio.run(application())


async def _only_the_pools(app: Application, profile: Profile) -> None:
    await until(lambda: len(sessions(profile)) == app.figures.idle)
