"""Fixtures: real servers, fresh databases, tiny projects, the installed command. See servers.py and projects.py."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

# Before anything of migrator or of a driver is imported: a developer's own settings must not reach a test.
for _name in [*os.environ]:
    if _name.startswith(("DB_", "MIGRATOR_", "ALEMBIC_", "PG")) and not _name.startswith("MIGRATOR_TEST_"):
        del os.environ[_name]

from projects import Completed, TinyProject, make_project, run_command  # noqa: E402
from servers import ALL, EMBEDDED, POSTGRESQL, ServerMissing, Servers  # noqa: E402

from migrator import redaction  # noqa: E402
from migrator.database import embedded  # noqa: E402
from migrator.profiles.model import Profile  # noqa: E402

_SERVERS = pytest.StashKey[Servers]()
_SKIPS = pytest.StashKey["Skips"]()


class Skips:
    """The tests that were skipped, and why, in this process or in pytest-xdist's workers."""

    def __init__(self) -> None:
        self.reasons: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            told = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            self.reasons[report.nodeid] = told.removeprefix("Skipped: ")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_SERVERS] = Servers()
    config.stash[_SKIPS] = Skips()
    config.pluginmanager.register(config.stash[_SKIPS])
    config.addinivalue_line("markers", "needs_root: becomes somebody else; left out, and counted, when not run as root")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = [item for item in items if item.get_closest_marker("needs_root") and os.geteuid() != 0]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    session.config.stash[_SERVERS].close()
    if session.config.stash[_SKIPS].reasons and _all_required() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    skipped = config.stash[_SKIPS].reasons
    if not skipped:
        return
    terminalreporter.section("servers that were not there, tests that did not run")
    for reason in sorted({*skipped.values()}):
        terminalreporter.line(f"MISSING {reason}")
    terminalreporter.line(f"{len(skipped)} tests were skipped.")
    if _all_required():
        terminalreporter.line("MIGRATOR_TEST_REQUIRE_ALL is set: that counts as a failure.", red=True)
        for test in skipped:
            terminalreporter.line(f"  {test}")


def _all_required() -> bool:
    return os.environ.get("MIGRATOR_TEST_REQUIRE_ALL", "") not in ("", "0")


@pytest.fixture(autouse=True)
def _nobody_elses_secrets() -> Iterator[None]:
    """What one test called a secret is an ordinary word in the next."""
    yield
    redaction._secrets.clear()


@pytest.fixture(scope="session")
def servers(pytestconfig: pytest.Config) -> Servers:
    """The servers of this session; ``servers.database(name, folder=tmp_path)`` gives a fresh database."""
    return pytestconfig.stash[_SERVERS]


def _fresh(servers: Servers, server: str, folder: Path, driver: str | None = None) -> Iterator[Profile]:
    try:
        servers.profile(server)
    except ServerMissing as reason:
        pytest.skip(f"{server}: {reason}")
    with servers.database(server, folder=folder, driver=driver) as profile:
        yield profile


@pytest.fixture(params=ALL)
def database(request: pytest.FixtureRequest, servers: Servers, tmp_path: Path) -> Iterator[Profile]:
    """A fresh database on each server in turn, with the dialect's default driver."""
    yield from _fresh(servers, request.param, tmp_path)


@pytest.fixture(params=[(server, driver) for server in POSTGRESQL for driver in ("asyncpg", "psycopg")], ids="-".join)
def postgres_database(request: pytest.FixtureRequest, servers: Servers, tmp_path: Path) -> Iterator[Profile]:
    """A fresh PostgreSQL database on each server with each driver in turn."""
    server, driver = request.param
    yield from _fresh(servers, server, tmp_path, driver)


@pytest.fixture
def local_database(servers: Servers, tmp_path: Path) -> Iterator[Profile]:
    """A fresh database on the embedded PostgreSQL 18 with asyncpg, for what does not depend on server or driver."""
    yield from _fresh(servers, "embedded-18", tmp_path)


@pytest.fixture
def mariadb_database(servers: Servers, tmp_path: Path) -> Iterator[Profile]:
    """A fresh database on MariaDB."""
    yield from _fresh(servers, "mariadb", tmp_path)


@pytest.fixture
def sqlite_database(servers: Servers, tmp_path: Path) -> Iterator[Profile]:
    """An SQLite file that does not exist yet."""
    yield from _fresh(servers, "sqlite", tmp_path)


@pytest.fixture
def run_migrator(tmp_path: Path) -> Callable[..., Completed]:
    """Run the installed command: ``run_migrator("status", cwd=folder, env={...})``, with a home folder of its own."""

    def run(*arguments: str, cwd: Path, **settings: Any) -> Completed:
        return run_command(*arguments, cwd=cwd, home=tmp_path / "home", **settings)

    return run


@pytest.fixture
def project(tmp_path: Path) -> Iterator[TinyProject]:
    """A new project as ``migrator init`` makes it (async), without revisions; see projects.py."""
    yield from _stopped_afterwards(make_project(tmp_path / "project", tmp_path / "home"))


@pytest.fixture
def sync_project(tmp_path: Path) -> Iterator[TinyProject]:
    """A new project as ``migrator init --sync`` makes it, without revisions."""
    yield from _stopped_afterwards(make_project(tmp_path / "project", tmp_path / "home", style="sync"))


def _stopped_afterwards(project: TinyProject) -> Iterator[TinyProject]:
    """A project, whose embedded server a command such as ``check`` may have started for its scratch databases."""
    yield project
    for major in EMBEDDED.values():
        if (project.root / ".migrator" / f"postgres-{major}").exists():
            embedded.stop(project.root, major)
