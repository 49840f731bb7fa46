"""This repository's own revisions, by plain Alembic: they apply, go back and build what the models say."""

from __future__ import annotations

import asyncio
import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.pool import NullPool

from migrator.database.embedded.binaries import installed
from migrator.database.urls import sqlalchemy_url
from migrator.profiles.model import Profile

ROOT = Path(__file__).parents[2]
LOGIN_INFO = "8b20e6d4c917"
BEFORE_MERGE, BEFORE_INDEX = "2d76f8b1e4c9", "96d0e7b2f45a"
BEFORE_BACKFILL, BACKFILL = "6ac17e4bf209", "b93d05f8ac61"
USERS = 2500
"""More than two batches of the backfill."""


@pytest.fixture
def config() -> Config:
    """Alembic's configuration of this repository; nothing is printed."""
    return Config(toml_file=ROOT / "pyproject.toml", stdout=io.StringIO())


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Profile], None]:
    """Make a database the one that ``env.py`` connects to: said by the process, stronger than any profile's file."""

    def say(profile: Profile) -> None:
        monkeypatch.setenv("MIGRATOR_ENV", "ci")
        for name, value in {
            "DB_DRIVER": profile.driver,
            "DB_MIGRATION_DRIVER": profile.migration_driver,
            "DB_HOST": profile.host,
            "DB_PORT": str(profile.port),
            "DB_NAME": profile.database,
            "DB_USER": profile.user,
        }.items():
            assert value is not None
            monkeypatch.setenv(name, value)

    return say


def engine_of(profile: Profile) -> Engine:
    """A synchronous engine to look at a database with."""
    return create_engine(sqlalchemy_url(profile, driver="psycopg"), poolclass=NullPool)


def rows(profile: Profile, statement: str) -> list[tuple[object, ...]]:
    """What a query answers."""
    with engine_of(profile).connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def run(profile: Profile, statement: str) -> None:
    """Run a statement and commit it."""
    with engine_of(profile).begin() as connection:
        connection.execute(text(statement))


def test_the_history_goes_up_and_down_and_builds_what_the_models_say(
    config: Config, use: Callable[[Profile], None], postgres_database: Profile
) -> None:
    """On every PostgreSQL, with either driver and rows in the tables: up, back, up again, no difference."""
    use(postgres_database)
    command.upgrade(config, LOGIN_INFO)
    run(
        postgres_database,
        f"INSERT INTO users (username, email) SELECT 'u' || i, i || '@example.com' FROM generate_series(1, {USERS}) i",
    )
    command.upgrade(config, "head")
    assert rows(postgres_database, "SELECT count(*), count(display_name) FROM users") == [(USERS, USERS)]
    command.check(config)

    command.downgrade(config, "base")
    assert rows(postgres_database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == [
        ("alembic_version",)
    ]
    assert rows(postgres_database, "SELECT typname FROM pg_type WHERE typname = 'post_status'") == []
    command.upgrade(config, "head")
    command.check(config)


def test_every_revision_can_be_taken_back_and_applied_again(
    config: Config, use: Callable[[Profile], None], local_database: Profile
) -> None:
    """Up, down, up at each step: the main line to the merge, the branch beside it, then from the merge to the head."""
    use(local_database)
    scripts = ScriptDirectory.from_config(config)
    main_line = [script.revision for script in scripts.walk_revisions(head=BEFORE_MERGE)][::-1]
    after = [script.revision for script in scripts.walk_revisions(base=BEFORE_INDEX)][-2::-1]
    assert (len(main_line), len(after)) == (6, 6)
    for revision, back in [
        *((revision, "-1") for revision in main_line),
        *((revision, "reporting@-1") for revision in ("74c3a0e59bd1", "a1f82d6c3e70")),
        (BEFORE_INDEX, BEFORE_MERGE),
        *((revision, "-1") for revision in after),
    ]:
        command.upgrade(config, revision)
        command.downgrade(config, back)
        command.upgrade(config, revision)
    command.check(config)


def test_the_reporting_branch_brings_what_it_depends_on(
    config: Config, use: Callable[[Profile], None], local_database: Profile
) -> None:
    """``reporting@head`` applies the posts, which it reads, and nothing of the main line after them."""
    use(local_database)
    command.upgrade(config, "a1f82d6c3e70")
    assert rows(local_database, "SELECT version_num FROM alembic_version") == [("a1f82d6c3e70",)]
    assert rows(local_database, "SELECT to_regclass('posts')::text, to_regclass('tags')::text") == [("posts", None)]
    command.upgrade(config, "head")
    command.check(config)


def test_an_index_build_that_was_cut_short_is_repaired_by_the_next_try(
    config: Config, use: Callable[[Profile], None], local_database: Profile
) -> None:
    """Whatever stands under the index's name before the revision is replaced by a valid index on the right columns."""
    use(local_database)
    command.upgrade(config, BEFORE_INDEX)
    run(local_database, "CREATE INDEX ix_posts_author_id_created_at ON posts (title)")
    command.upgrade(config, "head")
    assert rows(
        local_database,
        "SELECT indisvalid, pg_get_indexdef(indexrelid) FROM pg_index "
        "WHERE indexrelid = 'ix_posts_author_id_created_at'::regclass",
    ) == [(True, "CREATE INDEX ix_posts_author_id_created_at ON public.posts USING btree (author_id, created_at)")]


def test_a_backfill_goes_on_where_it_stopped_and_can_be_taken_back(
    config: Config, use: Callable[[Profile], None], local_database: Profile
) -> None:
    """Names that users have chosen meanwhile survive both ways."""
    use(local_database)
    command.upgrade(config, BEFORE_BACKFILL)
    run(local_database, "INSERT INTO users (username, email) VALUES ('ada', 'a@example.com'), ('bob', 'b@example.com')")
    run(local_database, "UPDATE users SET display_name = 'Ada Lovelace' WHERE username = 'ada'")
    command.upgrade(config, BACKFILL)
    names = "SELECT display_name FROM users ORDER BY username"
    assert rows(local_database, names) == [("Ada Lovelace",), ("bob",)]
    command.downgrade(config, BEFORE_BACKFILL)
    assert rows(local_database, names) == [("Ada Lovelace",), (None,)]


def test_it_runs_where_an_event_loop_is_running(
    config: Config, use: Callable[[Profile], None], local_database: Profile
) -> None:
    """A service may migrate from within a coroutine."""
    use(local_database)

    async def inside_a_loop() -> None:
        command.upgrade(config, "head")

    asyncio.run(inside_a_loop())
    assert rows(local_database, "SELECT version_num FROM alembic_version") == [("e4a9276bd0fc",)]


@pytest.mark.parametrize("hand_over_engine", [True, False], ids=["engine", "connection"])
def test_a_connection_that_is_handed_over_is_used(
    config: Config, local_database: Profile, *, hand_over_engine: bool
) -> None:
    """Tests and tools pass their own in ``config.attributes["connection"]``; no profile is needed then."""
    engine = engine_of(local_database)
    with engine.connect() as connection:
        handed_over: Engine | Connection = engine if hand_over_engine else connection
        config.attributes["connection"] = handed_over
        command.upgrade(config, "head")
    assert rows(local_database, "SELECT version_num FROM alembic_version") == [("e4a9276bd0fc",)]


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
def test_the_offline_script_builds_the_same(
    config: Config,
    use: Callable[[Profile], None],
    local_database: Profile,
    monkeypatch: pytest.MonkeyPatch,
    driver: str,
) -> None:
    """``--sql`` needs no connection; psql runs what it prints, up and down again."""
    use(local_database)
    monkeypatch.setenv("DB_DRIVER", driver)
    by_psql(local_database, script_of(command.upgrade, "base:head"))
    command.check(config)
    by_psql(local_database, script_of(command.downgrade, "head:base"))
    assert rows(local_database, "SELECT to_regclass('users'), to_regclass('posts')") == [(None, None)]
    assert rows(local_database, "SELECT * FROM alembic_version") == []


def script_of(move: Callable[..., None], span: str) -> str:
    """What ``--sql`` prints for a span of revisions."""
    output = io.StringIO()
    move(Config(toml_file=ROOT / "pyproject.toml", output_buffer=output), span, sql=True)
    return output.getvalue()


def by_psql(profile: Profile, script: str) -> None:
    """Run a script with psql, which stops at the first error."""
    done = subprocess.run(
        [
            *(installed(18) / "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"),
            *("--host", str(profile.host), "--port", str(profile.port), "--username", str(profile.user)),
            str(profile.database),
        ],
        input=script, env={"PGOPTIONS": "-c client_min_messages=warning"}, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
