"""A scratch database is fresh, marked, never the profile's own, and gone afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from servers import REPOSITORY, SERVERS_FOLDER, Servers

from migrator.database.connecting import connect
from migrator.errors import ConfigurationError, MigratorError
from migrator.profiles.model import Profile, Secret
from migrator.verification.scratch import scratch_database
from migrator.verification.throwaway import PREFIX, throwaways_on


@pytest.fixture(autouse=True)
def embedded_server(servers: Servers) -> None:
    """Scratch databases without an address go to the test session's embedded server."""
    servers.profile("embedded-18")


def names_on(profile: Profile) -> set[str]:
    query = {
        "postgresql": "SELECT datname FROM pg_database",
        "mysql": "SELECT schema_name FROM information_schema.schemata",
    }[profile.dialect]
    with connect(profile) as connection:
        return {str(name) for (name,) in connection.fetch(query)}


def url_of(profile: Profile) -> Secret:
    if profile.is_socket:
        return Secret(f"postgresql://{profile.user}@/postgres?host={profile.host}&port={profile.port}")
    scheme = profile.dialect
    return Secret(f"{scheme}://{profile.user}@{profile.host}:{profile.port}/{profile.database}")


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
def test_postgresql_profile_gets_one_on_the_embedded_server(driver: str) -> None:
    profile = Profile(
        name="prod",
        source="process",
        host="db.example.invalid",
        database="app",
        password=Secret("hush"),
        driver=driver,
        migration_driver=driver,
        protected=True,
        schema="app",
        search_path=("app", "public"),
    )
    with scratch_database(profile, root=SERVERS_FOLDER, environ={}) as scratch:
        assert scratch.database is not None
        assert scratch.database.startswith(PREFIX)
        assert (scratch.protected, scratch.password, scratch.migration_driver) == (False, None, driver)
        with connect(scratch) as connection:
            assert connection.fetch("SELECT current_database()") == [(scratch.database,)]
            assert connection.fetch("SELECT 1 FROM pg_namespace WHERE nspname = 'app'") == [(1,)]
            assert connection.fetch("SHOW server_version_num")[0][0] >= "180000"
    assert scratch.database not in names_on(replace(scratch, database="postgres", search_path=()))


def test_profile_on_embedded_16_gets_the_same_version(servers: Servers) -> None:
    servers.profile("embedded-16")
    profile = Profile(name="local", source="process", database="app", embedded=16)
    with (
        scratch_database(profile, root=SERVERS_FOLDER, environ={}) as scratch,
        connect(scratch) as connection,
    ):
        assert connection.fetch("SHOW server_version_num")[0][0] < "170000"


def test_scratch_on_a_named_server(database: Profile) -> None:
    if database.dialect == "sqlite":
        with scratch_database(database, root=SERVERS_FOLDER, environ={}) as scratch:
            assert scratch.database != database.database
            with connect(scratch) as connection:
                connection.execute("CREATE TABLE x (id integer)")
        assert not Path(str(scratch.database)).parent.exists()
        return
    with scratch_database(replace(database, scratch_url=url_of(database)), root=SERVERS_FOLDER, environ={}) as scratch:
        assert scratch.database != database.database
        with connect(scratch) as connection:
            connection.execute("CREATE TABLE x (id integer)")
        assert scratch.database in names_on(database)
    assert scratch.database not in names_on(database)


def test_address_from_the_environment_without_a_profile(servers: Servers) -> None:
    address = url_of(servers.profile("embedded-16")).reveal()
    with (
        scratch_database(None, root=SERVERS_FOLDER, environ={"MIGRATOR_SCRATCH_URL": address}) as scratch,
        connect(scratch) as connection,
    ):
        assert connection.fetch("SHOW server_version_num")[0][0] < "170000"


def test_database_is_dropped_when_the_work_fails_and_a_session_was_left_open(local_database: Profile) -> None:
    left_open = []

    def fail() -> None:
        with scratch_database(local_database, root=SERVERS_FOLDER, environ={}) as scratch:
            left_open.append((scratch.database, connect(replace(scratch, migration_driver="psycopg"))))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    name, connection = left_open[0]
    assert name not in names_on(local_database)
    connection.close()


KILLED = """
import os, sys
from pathlib import Path
from migrator.profiles.model import Profile, Secret
from migrator.verification.scratch import scratch_database
dialect, url, root = sys.argv[1:]
driver = {"postgresql": "psycopg", "mysql": "pymysql"}[dialect]
profile = Profile(name="x", source="process", dialect=dialect, driver=driver, migration_driver=driver,
                  scratch_url=Secret(url))
with scratch_database(profile, root=Path(root), environ={}) as scratch:
    print(scratch.database, flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("server", ["embedded-18", "mariadb"])
def test_leftovers_of_a_killed_run_are_swept_and_those_of_a_living_one_are_not(server: str, servers: Servers) -> None:
    administration = servers.profile(server)
    url = url_of(administration)
    command = [sys.executable, "-c", KILLED, administration.dialect, url.reveal(), str(SERVERS_FOLDER)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)
    with process:
        assert process.stdout is not None
        left = process.stdout.readline().strip()
        with connect(administration) as connection:
            throwaways_on(connection).sweep()
        assert left in names_on(administration)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    with scratch_database(replace(administration, scratch_url=url), root=SERVERS_FOLDER, environ={}):
        pass
    for _ in range(50):  # the server needs a moment to notice that the session is gone
        if left not in names_on(administration):
            return
        with connect(administration) as connection:
            throwaways_on(connection).sweep()
    pytest.fail(f"{left} is still there")


def test_a_database_that_is_not_marked_is_never_dropped(local_database: Profile) -> None:
    with connect(local_database) as connection, pytest.raises(ConfigurationError, match="not a scratch database"):
        throwaways_on(connection).drop(str(local_database.database))


def test_missing_extension_names_the_setting_that_helps() -> None:
    with (
        pytest.raises(ConfigurationError, match="pg_trgm") as caught,
        scratch_database(None, root=SERVERS_FOLDER, environ={}) as scratch,
        connect(scratch) as connection,
    ):
        connection.execute("CREATE EXTENSION pg_trgm")
    assert "MIGRATOR_SCRATCH_URL" in str(caught.value.remedy)


@pytest.mark.parametrize(
    ("dialect", "url", "says"),
    [
        ("mysql", None, "MIGRATOR_SCRATCH_URL"),
        ("oracle", None, "MIGRATOR_SCRATCH_URL"),
        ("mysql", "postgresql://x@127.0.0.1/y", "leads to postgresql"),
        ("postgresql", "nonsense", "MIGRATOR_SCRATCH_URL"),
    ],
)
def test_what_cannot_be_made_is_told_with_the_setting_that_helps(dialect: str, url: str | None, says: str) -> None:
    profile = Profile(name="x", source="process", dialect=dialect, scratch_url=Secret(url) if url else None)
    with pytest.raises(MigratorError) as caught, scratch_database(profile, root=SERVERS_FOLDER, environ={}):
        pass
    assert says in f"{caught.value.message} {caught.value.remedy}"
