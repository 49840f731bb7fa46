"""Where a database can be: behind a Unix socket or TLS, in memory, in a file; two of them in one process."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from applications import LOST, Ground, Kind, opened
from servers import Servers
from servers_side import told
from strict_servers import StrictServer

from migrator.profiles.model import Profile
from migrator.runtime import PoolExhausted

ENCRYPTED = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
DRIVERS = [Kind("own", "asyncpg", True), Kind("own", "psycopg", True), Kind("own", "psycopg", False)]
MEMORY = ["sqlite+{driver}:///:memory:", "sqlite+{driver}:///file:shop?mode=memory&cache=shared&uri=true"]
kinds = pytest.mark.parametrize("kind", DRIVERS, ids=str)


@pytest.fixture
def _collected() -> Iterator[None]:
    """A handshake that asyncpg gives up leaves its transport to the garbage collector, whose warning stays here."""
    yield
    gc.collect()


@kinds
def test_a_unix_socket_with_a_password(kind: Kind, strict_postgresql: StrictServer, tmp_path: Path) -> None:
    """As ``DB_HOST`` it is a folder; the server itself says that nobody came over the network."""
    profile = replace(strict_postgresql.admin, host=strict_postgresql.socket, driver=kind.driver)

    async def application() -> None:
        async with Ground(kind, profile, tmp_path).application() as app:
            assert await app.ask("SELECT inet_server_addr() IS NULL") is True

    asyncio.run(application())


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.usefixtures("_collected")
@kinds
def test_tls_as_the_profile_wants_it(kind: Kind, tls_postgresql: StrictServer, tmp_path: Path) -> None:
    """The server's certificate is for ``localhost`` and signed by an authority of its own."""
    files = tls_postgresql.certificates
    assert files is not None
    ground = Ground(kind, replace(tls_postgresql.admin, host="localhost", driver=kind.driver), tmp_path)

    async def application() -> None:
        async with ground.application(DB_SSLMODE="disable") as app:
            assert await app.ask(ENCRYPTED) is False
        async with ground.application(DB_SSLMODE="verify-full", DB_SSLROOTCERT=files.authority) as app:
            assert await app.ask(ENCRYPTED) is True
        async with ground.application(DB_SSLMODE="verify-full", DB_SSLROOTCERT=files.other_authority) as app:
            with pytest.raises(LOST):
                await app.backend()
            assert app.figures.checked_out == 0

    asyncio.run(application())


@kinds
def test_a_client_certificate_instead_of_a_password(kind: Kind, tls_postgresql: StrictServer, tmp_path: Path) -> None:
    files = tls_postgresql.certificates
    assert files is not None
    admin = tls_postgresql.admin
    told(admin, "DROP ROLE IF EXISTS by_certificate", "CREATE ROLE by_certificate LOGIN")
    profile = replace(admin, host="localhost", user="by_certificate", password=None, driver=kind.driver)
    settings = {
        "DB_SSLMODE": "verify-full",
        "DB_SSLROOTCERT": files.authority,
        "DB_SSLCERT": files.client,
        "DB_SSLKEY": files.client_key,
    }

    async def application() -> None:
        async with Ground(kind, profile, tmp_path).application(**settings) as app:
            assert await app.ask("SELECT current_user") == "by_certificate"

    asyncio.run(application())


@pytest.mark.parametrize("asynchronous", [True, False])
@pytest.mark.parametrize("address", MEMORY)
def test_a_database_in_memory_is_one_connection(address: str, asynchronous: bool, tmp_path: Path) -> None:
    """A second connection would be a second, empty database: whoever comes second waits, in any thread."""
    (tmp_path / "env_profiles").mkdir()
    address = address.format(driver="aiosqlite" if asynchronous else "pysqlite")
    (tmp_path / "env_profiles" / "local.env").write_text(f"DB_URL={address}\nDB_POOL_TIMEOUT=0.2\n")

    async def application() -> None:
        async with opened(tmp_path, asynchronous=asynchronous) as app:
            await app.ask("CREATE TABLE t (id int)")
            await asyncio.gather(*(app.ask("INSERT INTO t VALUES (1)") for _ in range(20)))
            async with app.session() as held:
                assert await held.ask("SELECT count(*) FROM t") == 20
                with pytest.raises(PoolExhausted, match="database in memory"):
                    await app.ask("SELECT 1")
            assert (app.figures.size, app.figures.max_overflow, app.figures.idle) == (1, 0, 1)

    asyncio.run(application())
    assert [path.name for path in tmp_path.iterdir()] == ["env_profiles"], "no file was made of the name"


@pytest.mark.parametrize("asynchronous", [True, False])
def test_a_file_has_a_pool_as_servers_have(servers: Servers, tmp_path: Path, asynchronous: bool) -> None:
    """A temporary table stays with its connection, and shows that it is used again."""
    driver = "aiosqlite" if asynchronous else "pysqlite"
    with servers.database("sqlite", folder=tmp_path, driver=driver) as profile:
        ground = Ground(Kind("sqlite", driver, asynchronous), profile, tmp_path)

    async def application() -> None:
        async with ground.application(DB_POOL_SIZE="1", DB_MAX_OVERFLOW="0") as app:
            await app.ask("CREATE TEMPORARY TABLE mine (id int)")
            assert await app.ask("SELECT count(*) FROM mine") == 0
            assert (app.figures.size, app.figures.idle) == (1, 1)
        async with ground.application(DB_POOL_SIZE="0") as app:
            await app.ask("CREATE TEMPORARY TABLE mine (id int)")
            assert await app.ask("SELECT count(*) FROM sqlite_temp_master") == 0

    asyncio.run(application())


def test_two_databases_in_one_process(ground: Ground, local_database: Profile) -> None:
    """Each has its own profile, pool and figures."""
    other = Ground(Kind("embedded-18", "asyncpg", True), local_database, ground.root)

    async def application() -> None:
        async with (
            ground.application("orders", DB_POOL_SIZE="2") as orders,
            other.application("reports", DB_POOL_SIZE="7", DB_STATEMENT_TIMEOUT="7s") as reports,
            orders.holding(1),
        ):
            assert await reports.ask("SELECT current_database()") == local_database.database
            assert await reports.ask("SHOW statement_timeout") == "7s"
            assert (orders.figures.size, orders.figures.checked_out) == (2, 1)
            assert (reports.figures.size, reports.figures.checked_out, reports.figures.idle) == (7, 0, 1)

    asyncio.run(application())
