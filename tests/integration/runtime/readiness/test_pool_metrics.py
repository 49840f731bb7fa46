"""The pool in OpenTelemetry's words, read by the real SDK while the pool is used; and as a dictionary."""

from __future__ import annotations

import asyncio
import gc
import logging
import subprocess
import sys
from collections.abc import Iterator

import pytest
from askers import asking
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from projects import TinyProject
from sqlalchemy import text

from migrator.profiles.model import Profile
from migrator.runtime import Database, PoolExhausted, SyncDatabase

COUNT = "db.client.connection.count"


class Metrics:
    """A provider of its own, and what its reader sees."""

    def __init__(self) -> None:
        self.reader = InMemoryMetricReader()
        self.provider = MeterProvider(metric_readers=[self.reader], shutdown_on_exit=False)

    def values(self) -> dict[tuple[str, str, str], int]:
        """Values by instrument, pool and state."""
        data = self.reader.get_metrics_data()
        return {
            (
                metric.name,
                str(point.attributes["db.client.connection.pool.name"]),
                str(point.attributes.get("db.client.connection.state", "")),
            ): point.value
            for resource in (data.resource_metrics if data else [])
            for scope in resource.scope_metrics
            for metric in scope.metrics
            for point in metric.data.data_points
        }

    def of(self, pool: str) -> dict[str, int]:
        """Values of one pool by the last words of an instrument's name and the state."""
        return {
            " ".join(filter(None, (name.removeprefix("db.client.connection."), state))): value
            for (name, owner, state), value in self.values().items()
            if owner == pool
        }


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    found = Metrics()
    yield found
    found.provider.shutdown()


def test_what_a_reader_sees_while_the_pool_is_used(
    project: TinyProject, local_database: Profile, metrics: Metrics
) -> None:
    project.use(local_database, DB_POOL_SIZE="2", DB_MAX_OVERFLOW="1", DB_POOL_TIMEOUT="3")

    async def load() -> None:
        async with Database.from_profile(root=project.root) as database:
            database.observe_pool(name="shop", provider=metrics.provider)
            quiet = {
                "count idle": 0, "count used": 0, "max": 3, "idle.max": 2, "pending_requests": 0, "timeouts": 0,
                "migrator.pool.waits": 0,
            }  # fmt: skip
            assert metrics.of("shop") == quiet
            async with database.engine.connect(), database.engine.connect(), database.engine.connect() as last:
                waiting = asyncio.create_task(_ask(database))
                await _until_somebody_waits(database)
                assert metrics.of("shop") == quiet | {"count used": 3, "pending_requests": 1, "migrator.pool.waits": 1}
                with pytest.raises(PoolExhausted):
                    await waiting
                assert metrics.of("shop") == quiet | {"count used": 3, "timeouts": 1, "migrator.pool.waits": 1}
                await last.execute(text("SELECT 1"))
            assert metrics.of("shop") == quiet | {"count idle": 2, "timeouts": 1, "migrator.pool.waits": 1}
            assert database.pool_figures().as_dict() == {
                "size": 2, "max_overflow": 1, "idle": 2, "checked_out": 0, "overflow": 0, "waiting": 0, "waits": 1,
                "timeouts": 1,
            }  # fmt: skip

    asyncio.run(load())


async def _until_somebody_waits(database: Database) -> None:
    async with asyncio.timeout(30):
        while not database.pool_figures().waiting:  # noqa: ASYNC110 - the pool has no event for it
            await asyncio.sleep(0)


async def _ask(database: Database) -> None:
    async with database.session() as session:
        await session.execute(text("SELECT 1"))


def test_several_pools_share_their_instruments(
    project: TinyProject, local_database: Profile, metrics: Metrics, caplog: pytest.LogCaptureFixture
) -> None:
    project.use(local_database)
    project.use(local_database, env="reports", DB_POOL_SIZE="1")
    with (
        SyncDatabase.from_profile(root=project.root) as first,
        SyncDatabase.from_profile("reports", root=project.root) as second,
    ):
        first.observe_pool(provider=metrics.provider)
        second.observe_pool(name="reports", provider=metrics.provider)
        first.observe_pool(provider=metrics.provider)
        address = local_database.location.removeprefix("postgresql://")
        with second.engine.connect():
            assert metrics.of(address)["count used"] == 0
            assert metrics.of("reports")["count used"] == 1
        assert metrics.of(address)["idle.max"] == 5
        assert metrics.of("reports")["idle.max"] == 1
    assert caplog.text == ""


def test_a_database_that_is_gone_is_reported_no_more(
    project: TinyProject, local_database: Profile, metrics: Metrics
) -> None:
    project.use(local_database)
    with asking(project.root, asynchronous=False) as asker:
        asker.database.observe_pool(name="short", provider=metrics.provider)
        assert metrics.of("short")["max"] == 15
    del asker
    gc.collect()
    assert metrics.of("short") == {}


def test_no_pool_has_nothing_to_report(project: TinyProject, local_database: Profile, metrics: Metrics) -> None:
    project.use(local_database, DB_POOL_SIZE="0")
    with asking(project.root, asynchronous=True) as asker:
        asker.database.observe_pool(name="none", provider=metrics.provider)
        asker.ask("SELECT 1")
        assert metrics.values() == {}


def test_without_opentelemetry_it_says_what_to_install(project: TinyProject, local_database: Profile) -> None:
    """In a process that cannot import it, which has read nothing of it before either."""
    project.use(local_database)
    program = """
import sys
from pathlib import Path
from migrator.errors import ConfigurationError
from migrator.runtime import SyncDatabase
database = SyncDatabase.from_profile(root=Path(sys.argv[1]))
database.pool_figures()
print("opentelemetry" in sys.modules)
sys.modules["opentelemetry.metrics"] = None
try:
    database.observe_pool()
except ConfigurationError as error:
    print(error.message, error.remedy)
"""
    done = subprocess.run([sys.executable, "-c", program, project.root], capture_output=True, text=True)
    loaded, told = done.stdout.splitlines()
    assert loaded == "False", done.stderr
    assert told.startswith("OpenTelemetry is not installed, and the pool is to be reported to it.")
    assert told.endswith('install "migrator[otel]", or read pool_figures() by yourself')


@pytest.mark.parametrize("asynchronous", [True, False], ids=["async", "sync"])
def test_the_pool_logs_where_every_pool_of_sqlalchemy_does(
    project: TinyProject, local_database: Profile, caplog: pytest.LogCaptureFixture, *, asynchronous: bool
) -> None:
    """And not among the few lines of `migrator.runtime` itself."""
    project.use(local_database)
    caplog.set_level(logging.DEBUG, "sqlalchemy.pool")
    caplog.set_level(logging.DEBUG, "migrator.runtime")
    with asking(project.root, asynchronous=asynchronous) as asker:
        asker.ask("SELECT 1")
    names = {record.name for record in caplog.records}
    assert any(name.startswith("sqlalchemy.pool.") for name in names), names
    assert not any(name.startswith("migrator.runtime") for name in names), names
