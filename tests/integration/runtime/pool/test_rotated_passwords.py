"""Passwords that change while the application runs: each new connection logs in with the one of that moment."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from applications import LOST, Ground, Kind, opened, until
from projects import Completed, make_project
from servers import ServerMissing, Servers
from servers_side import told
from strict_servers import StrictServer

from migrator.errors import ConfigurationError
from migrator.profiles.model import Profile

KINDS = [
    Kind("strict", "asyncpg", True),
    Kind("strict", "psycopg", True),
    Kind("strict", "psycopg", False),
    Kind("mariadb", "asyncmy", True),
    Kind("mariadb", "pymysql", False),
]
TWO = {"DB_POOL_SIZE": "2", "DB_MAX_OVERFLOW": "0"}


@dataclass
class Somebody:
    """A role whose password is changed, and a kind of application that logs in as it."""

    ground: Ground
    admin: Profile
    name: str

    @property
    def secret(self) -> Path:
        """The file that whoever rotates the password writes."""
        return self.ground.root.parent / "secret"

    def has(self, password: str, *, told_to_file: bool = True) -> None:
        """The server wants this password from now on."""
        if self.admin.dialect == "postgresql":
            told(self.admin, f"ALTER ROLE {self.name} PASSWORD '{password}'")
        else:
            told(self.admin, f"ALTER USER {self.name} IDENTIFIED BY '{password}'")
        if told_to_file:
            self.secret.write_text(f"{password}\n")

    def script(self, text: str) -> str:
        """A program for ``DB_PASS_COMMAND``."""
        file = self.ground.root.parent / "token"
        file.write_text(f"#!/bin/sh\ncd {self.ground.root.parent}\n{text}")
        file.chmod(0o755)
        return str(file)


@pytest.fixture(params=KINDS, ids=str)
def somebody(
    request: pytest.FixtureRequest, strict_postgresql: StrictServer, servers: Servers, tmp_path: Path
) -> Iterator[Somebody]:
    """A role of its own, with the password ``first``, which owns the database that it logs in to."""
    kind, name = request.param, f"s{uuid.uuid4().hex[:8]}"
    root = tmp_path / "application"
    root.mkdir()
    if kind.server == "strict":
        admin = strict_postgresql.admin
        told(admin, f"CREATE ROLE {name} LOGIN PASSWORD 'first'")
        profile = replace(admin, user=name, password=None, driver=kind.driver, migration_driver=kind.driver)
        made = Somebody(Ground(kind, profile, root), admin, name)
        made.has("first")
        yield made
        told(admin, f"DROP ROLE {name}")
        return
    try:
        servers.profile("mariadb")
    except ServerMissing as reason:
        pytest.skip(f"mariadb: {reason}")
    with servers.database("mariadb", folder=tmp_path, driver=kind.driver) as admin:
        told(admin, f"CREATE USER {name} IDENTIFIED BY 'first'", f"GRANT ALL ON `{admin.database}`.* TO {name}")
        made = Somebody(Ground(kind, replace(admin, user=name, password=None), root), admin, name)
        made.has("first")
        yield made
        told(admin, f"DROP USER {name}")


async def _rotate(somebody: Somebody, **settings: str) -> None:
    async with somebody.ground.application(**TWO, **settings) as app, app.session() as before:
        first = await before.ask(app.who)
        somebody.has("secönd", told_to_file=False)
        with pytest.raises(LOST):
            await app.backend()
        somebody.has("secönd")
        assert await app.backend() != first, "a new connection logs in with the new password"
        assert await before.ask(app.who) == first, "an open one goes on"
        somebody.has("third")
        assert await app.backend() != first, "a pooled connection asks for no password"
        assert (app.figures.checked_out, app.figures.idle) == (1, 1)


def test_a_secret_file_is_read_again(somebody: Somebody) -> None:
    asyncio.run(_rotate(somebody, DB_PASS_FILE=str(somebody.secret)))


def test_a_command_is_run_again(somebody: Somebody) -> None:
    asyncio.run(_rotate(somebody, DB_PASS_COMMAND=somebody.script("cat secret")))


def test_an_address_in_a_secret_file_is_read_again(somebody: Somebody) -> None:
    profile, root = somebody.ground.profile, somebody.ground.root
    whole = root.parent / "address"
    way = f"{profile.dialect}+{profile.driver}://{somebody.name}:%s@{profile.host}:{profile.port}/{profile.database}"
    (root / "env_profiles").mkdir()
    (root / "env_profiles" / "local.env").write_text(f"DB_URL_FILE={whole}\nDB_POOL_SIZE=0\n")

    async def application() -> None:
        whole.write_text(way % "first")
        async with opened(root, asynchronous=somebody.ground.kind.asynchronous) as app:
            await app.backend()
            somebody.has("sec@nd")
            with pytest.raises(LOST):
                await app.backend()
            whole.write_text(way % "sec%40nd" + "\n")
            await app.backend()

    asyncio.run(application())


@pytest.mark.parametrize("somebody", [kind for kind in KINDS if kind.asynchronous], indirect=True, ids=str)
def test_the_loop_goes_on_while_the_command_runs(somebody: Somebody) -> None:
    """The command ends when the loop has ticked; were the loop held up, both would wait until the command gives up."""
    folder = somebody.secret.parent
    os.mkfifo(folder / "pipe")
    command = somebody.script("touch started\nexec timeout 20 cat pipe")
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        await until((folder / "started").exists)
        for _ in range(20):
            await asyncio.sleep(0.01)
            ticks += 1
        (folder / "pipe").write_text("first")

    async def application() -> None:
        async with somebody.ground.application(**TWO, DB_PASS_COMMAND=command) as app:
            ticking = asyncio.create_task(tick())
            await app.backend()
            assert ticks == 20
            await ticking

    asyncio.run(application())


def test_a_command_that_fails_is_told_without_the_secret_and_the_pool_recovers(somebody: Somebody) -> None:
    somebody.has("very-secret-token")
    command = somebody.script('[ -e broken ] && echo "cannot renew $(cat secret)" >&2 && exit 3\ncat secret')
    broken = somebody.secret.with_name("broken")

    async def application() -> None:
        async with somebody.ground.application(**TWO, DB_PASS_COMMAND=command) as app:
            async with app.session() as held:
                await held.ask("SELECT 1")
                broken.touch()
                for _ in range(4):  # more often than the pool has places
                    with pytest.raises(ConfigurationError, match="exited with 3") as failed:
                        await app.backend()
                    told_of_it = "\n".join([str(failed.value), *map(str, failed.value.details)])
                    assert "cannot renew ***" in told_of_it
                    assert "very-secret-token" not in told_of_it
                assert app.figures.checked_out == 1
                broken.unlink()
                await app.backend()
            async with app.holding(2):
                pass

    asyncio.run(application())


def test_a_command_that_fails_makes_the_application_not_ready(somebody: Somebody) -> None:
    """A readiness check answers; it does not raise."""
    project = make_project(somebody.ground.root, somebody.ground.root.parent)
    project.revision("r1")
    command = somebody.script("exit 3")

    async def application() -> None:
        async with somebody.ground.application(DB_PASS_COMMAND=command) as app:
            answer = app.database.readiness()
            found = await answer if asyncio.iscoroutine(answer) else answer
            assert not found.is_ready
            assert "exited with 3" in found.reason

    asyncio.run(application())


def test_the_command_line_takes_the_password_of_the_same_settings(
    somebody: Somebody, run_migrator: Callable[..., Completed]
) -> None:
    root = somebody.ground.root
    project = make_project(root, root.parent)
    project.revision("r1")
    for password in ("first", "another"):
        somebody.has(password)
        project.use(somebody.ground.profile, DB_PASS_COMMAND=somebody.script("cat secret"))
        status = run_migrator("status", cwd=root)
        assert (status.returncode, status.stderr) == (1, ""), "it was let in, and found a revision to apply"
        assert "r1" in status.stdout
