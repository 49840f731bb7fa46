"""An application that waits: for a migration, for a server, and not for what waiting does not change."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from askers import asking, eventually, fetch, stamp
from projects import TinyProject, clean_environment

from migrator.database import embedded
from migrator.errors import ExitCode, exit_code_of
from migrator.profiles.model import Profile, Secret
from migrator.runtime import Database, SchemaBehind, SchemaUnseen

both = pytest.mark.parametrize("asynchronous", [True, False], ids=["async", "sync"])
APPLICATION = """
import logging
from migrator.runtime import SyncDatabase
logging.basicConfig(level=logging.INFO, format="%(message)s")
with SyncDatabase.from_profile() as database:
    found = database.require_head(timeout=120)
    print("serving at", *found.current)
"""


class Waited(logging.Handler):
    """Lets a test go on when an application has said that it waits."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []
        self.has_spoken = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())
        self.has_spoken.set()


@pytest.fixture
def said() -> Iterator[Waited]:
    """What `migrator.runtime` logs."""
    logger, handler = logging.getLogger("migrator.runtime"), Waited()
    handler.addFilter(lambda record: record.name == logger.name)  # pools have loggers below it
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield handler
    logger.removeHandler(handler)
    logger.setLevel(before)


@both
def test_it_goes_on_when_somebody_has_migrated(
    project: TinyProject, database: Profile, said: Waited, *, asynchronous: bool
) -> None:
    project.use(database)
    project.revision("r1")
    done: list[int] = []

    def migrate() -> None:
        assert said.has_spoken.wait(60)
        done.append(project.run("upgrade").returncode)

    migrating = threading.Thread(target=migrate)
    migrating.start()
    try:
        with asking(project.root, asynchronous=asynchronous) as asker:
            found = asker.require_head(timeout=120)
    finally:
        migrating.join()
    assert (done, found.is_ready, found.current) == ([0], True, ("r1",))
    told = r"waiting for \S+: 1 revision of this code is not applied \(\d+ s of 120 s\)"
    assert re.fullmatch(told, said.messages[0]), said.messages
    assert " is at r1 after " in said.messages[-1]


def test_it_gives_up_when_the_time_is_over(project: TinyProject, local_database: Profile, said: Waited) -> None:
    project.use(local_database)
    project.revision("r1")
    with asking(project.root, asynchronous=True) as asker, pytest.raises(SchemaBehind) as late:
        asker.require_head(timeout=1.5)
    assert late.value.message.startswith("The schema does not suit this code after ")
    assert late.value.remedy == "migrator upgrade"
    assert len(said.messages) == 1


def test_who_is_ready_says_nothing(project: TinyProject, local_database: Profile, said: Waited) -> None:
    project.use(local_database)
    project.revision("r1")
    stamp(local_database, "r1")
    with asking(project.root, asynchronous=True) as asker:
        assert asker.require_head(timeout=60).is_ready
    assert said.messages == []


@both
@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
@pytest.mark.parametrize("wrong", ["user", "database", "sslmode"])
def test_what_waiting_does_not_change_is_not_waited_for(
    project: TinyProject, local_database: Profile, said: Waited, driver: str, wrong: str, *, asynchronous: bool
) -> None:
    stranger = {
        "user": replace(local_database, user="migrator_nobody"),
        "database": replace(local_database, database="migrator_nowhere"),
        "sslmode": local_database,
    }[wrong]
    extra = {"DB_SSLMODE": "require", **_over_tcp()} if wrong == "sslmode" else {}
    project.use(stranger, DB_DRIVER=driver, **extra)
    project.revision("r1")
    with asking(project.root, asynchronous=asynchronous) as asker:
        found = asker.readiness()
        assert (found.is_ready, found.may_change) == (False, False), found.reason
        with pytest.raises(SchemaBehind) as refused:
            asker.require_head(timeout=30)
    words = {"user": "the login was refused", "database": "does not exist", "sslmode": "no agreement on TLS"}[wrong]
    assert words in refused.value.message
    assert f"DB_{wrong.upper().replace('DATABASE', 'NAME')}" in str(refused.value.remedy)
    assert refused.value.state == "nothing was changed"
    assert said.messages == []


def _over_tcp() -> dict[str, str]:
    """The server of the machine, where TLS is spoken of at all."""
    from servers import POSTGRES_URL, _profile_of

    server = _profile_of(POSTGRES_URL, "postgresql", "asyncpg")
    return {"DB_HOST": str(server.host), "DB_PORT": str(server.port), "DB_USER": str(server.user)}


@both
def test_a_wrong_password_is_not_tried_again_and_not_told(
    project: TinyProject, mariadb_database: Profile, *, asynchronous: bool
) -> None:
    project.use(replace(mariadb_database, user="migrator_nobody", password=Secret("s3cr3t-w0rd")))
    project.revision("r1")
    with asking(project.root, asynchronous=asynchronous) as asker, pytest.raises(SchemaBehind) as refused:
        asker.require_head(timeout=30)
    assert "the login was refused" in refused.value.message
    assert "s3cr3t-w0rd" not in repr(refused.value.__dict__)


def test_nothing_that_listens_may_change(project: TinyProject, postgres_database: Profile) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        project.use(replace(postgres_database, host="127.0.0.1", port=port))
        project.revision("r1")
        with asking(project.root, asynchronous=True) as asker:
            found = asker.readiness()
            assert (found.is_ready, found.may_change) == (False, True)
            assert "nothing listens there" in found.reason
            with pytest.raises(SchemaUnseen, match=r"^Cannot connect to .*: nothing listens there") as unseen:
                asker.require_head(timeout=0.5)
            assert isinstance(unseen.value, SchemaBehind)
            assert exit_code_of(unseen.value) == ExitCode.UNREACHABLE


def test_a_password_command_that_fails_makes_an_answer(project: TinyProject, local_database: Profile) -> None:
    project.use(local_database, DB_PASS_COMMAND="false")
    project.revision("r1")
    with asking(project.root, asynchronous=True) as asker:
        found = asker.readiness()
        assert (found.is_ready, found.may_change) == (False, False)
        assert "DB_PASS_COMMAND" in found.reason


@both
def test_a_server_that_goes_and_comes_back_is_waited_for(
    project: TinyProject, tmp_path: Path, said: Waited, *, asynchronous: bool
) -> None:
    server = embedded.ensure_running(tmp_path, 18)
    try:
        profile = Profile(
            name="test", source="process", host=str(server.socket_dir), port=server.port, user=server.user,
            database="postgres",
        )  # fmt: skip
        project.use(profile)
        project.revision("r1")
        stamp(profile, "r1")
        with asking(project.root, asynchronous=asynchronous) as asker:
            assert asker.readiness().is_ready
            embedded.stop(tmp_path, 18)
            assert asker.readiness().may_change

            def restart() -> None:
                assert said.has_spoken.wait(60)
                embedded.ensure_running(tmp_path, 18)

            restarting = threading.Thread(target=restart)
            restarting.start()
            try:
                assert asker.require_head(timeout=120).is_ready
            finally:
                restarting.join()
    finally:
        embedded.stop(tmp_path, 18)


def test_a_cancelled_wait_keeps_no_connection(project: TinyProject, local_database: Profile, said: Waited) -> None:
    project.use(local_database)
    project.revision("r1")

    async def cancelled() -> None:
        async with Database.from_profile(root=project.root) as database:
            waiting = asyncio.create_task(database.require_head(timeout=600))
            assert await asyncio.to_thread(said.has_spoken.wait, 60)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert database.pool_figures().checked_out == 0
            stamp(local_database, "r1")
            assert (await database.require_head()).is_ready

    asyncio.run(cancelled())


@contextmanager
def started(project: TinyProject) -> Iterator[subprocess.Popen[str]]:
    """An application in a process of its own, which waits for the schema and then says that it serves."""
    process = subprocess.Popen(
        [sys.executable, "-c", APPLICATION],
        cwd=project.root,
        env=clean_environment(project.home, {"DB_APPLICATION_NAME": "shop"}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _until_it_waits(process: subprocess.Popen[str]) -> None:
    assert process.stderr is not None
    assert process.stderr.readline().startswith("waiting for ")


def test_eight_applications_that_start_during_a_migration_all_serve(
    project: TinyProject, local_database: Profile
) -> None:
    project.use(local_database)
    project.revision("r1")
    project.revision("r2", 'op.create_table("slow", sa.Column("id", sa.Integer))\nimport time\ntime.sleep(2)', "pass")
    project.revision("r3")
    with ExitStack() as stack:
        early = [stack.enter_context(started(project)) for _ in range(4)]
        for each in early:
            _until_it_waits(each)
        with ThreadPoolExecutor(1) as pool:
            migrating = pool.submit(project.run, "upgrade")
            late = [stack.enter_context(started(project)) for _ in range(4)]
            ended = [each.communicate(timeout=120) for each in early + late]
            assert migrating.result().returncode == 0
    assert [stdout for stdout, _ in ended] == ["serving at r3\n"] * 8, ended


def test_an_application_that_is_killed_while_it_waits_leaves_nothing(
    project: TinyProject, local_database: Profile
) -> None:
    project.use(local_database)
    project.revision("r1")
    with started(project) as waiting:
        _until_it_waits(waiting)
        waiting.kill()
        waiting.wait(60)
    eventually(lambda: fetch(local_database, "SELECT * FROM pg_stat_activity WHERE application_name = 'shop'") == [])
    assert fetch(local_database, "SELECT * FROM pg_tables WHERE schemaname IN ('public', 'migrator')") == []
    done = project.run("upgrade", "--lock-wait", "0")
    assert done.returncode == 0, done.stderr
    assert fetch(local_database, "SELECT version_num FROM alembic_version") == [("r1",)]
