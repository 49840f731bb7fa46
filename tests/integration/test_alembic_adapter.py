"""Each private or unwritten thing of Alembic and SQLAlchemy that the adapter stands on: these fail when it changes."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import context as module_context
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from alembic.util.langhelpers import ModuleClsProxy
from projects import TinyProject
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.ext.asyncio import create_async_engine

from migrator.database.urls import sqlalchemy_url
from migrator.errors import PartlyApplied
from migrator.execution.adapter.config import make_config
from migrator.execution.adapter.connections import settle
from migrator.execution.adapter.directory import StaticScript, make_directory
from migrator.execution.adapter.environment import GuardedEnvironment
from migrator.execution.upgrading import upgrade
from migrator.profiles.model import Profile
from migrator.project import open_project


def test_subclass_of_environment_context_gets_the_module_functions(project: TinyProject) -> None:
    """``ModuleClsProxy._setups`` is keyed by class: without the copied entry, ``context.configure`` is not ours."""
    assert ModuleClsProxy._setups[GuardedEnvironment] is ModuleClsProxy._setups[EnvironmentContext]
    opened = open_project(start=project.root, environ={})
    config = make_config(opened.layout, section="alembic", x=("tenant=a",))
    directory = make_directory(config, opened.chain)
    environment = GuardedEnvironment(config, directory, work=lambda _heads, _context: (), binding=None, as_sql=True)
    with environment:
        assert module_context.config is config
        module_context.configure(dialect_name="sqlite")
        assert [visit.context for visit in environment.visits] == [module_context.get_context()]
        assert module_context.get_x_argument(as_dictionary=True) == {"tenant": "a"}


def test_graph_is_filled_without_executing_a_file(project: TinyProject) -> None:
    path = project.revision("r1")
    project.revision("r2", labels="feature")
    path.write_text(path.read_text() + "\nraise RuntimeError('executed')\n")
    opened = open_project(start=project.root, environ={})
    directory = make_directory(make_config(opened.layout, section="alembic", x=()), opened.chain)
    assert directory.get_heads() == ["r2"]
    assert directory.get_revision("feature@head").revision == "r2"
    assert isinstance(directory.get_revision("r1"), StaticScript)
    assert directory.get_revision("r1").doc == "create r1"
    with pytest.raises(RuntimeError, match="executed"):
        _ = directory.get_revision("r1").module


def test_stamp_steps_are_still_alembic_s() -> None:
    assert callable(ScriptDirectory._stamp_revs)
    assert hasattr(Config(), "file_config")


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as made:
        yield made
    engine.dispose()


def test_transaction_begun_by_mere_use_is_committed(connection: Connection) -> None:
    connection.execute(text("SELECT 1"))
    assert settle(connection) is False
    assert not connection.in_transaction()


def test_transaction_in_a_variable_is_left_to_whoever_holds_it(connection: Connection) -> None:
    transaction = connection.begin()
    assert settle(connection) is True
    assert connection.in_transaction()
    transaction.rollback()


def test_transaction_of_a_with_block_is_left_to_it(connection: Connection) -> None:
    with connection.begin():
        assert settle(connection) is True
    assert settle(connection) is False


async def _async_cases(profile: Profile) -> list[bool]:
    engine = create_async_engine(sqlalchemy_url(profile))
    found = []
    async with engine.connect() as used:
        await used.execute(text("SELECT 1"))
        found.append(await used.run_sync(settle))
    async with engine.begin() as begun:
        found.append(await begun.run_sync(settle))
    async with engine.connect() as held:
        transaction = await held.begin()
        found.append(await held.run_sync(settle))
        await transaction.rollback()
    await engine.dispose()
    return found


def test_the_same_through_the_async_layer(postgres_database: Profile) -> None:
    assert asyncio.run(_async_cases(postgres_database)) == [False, True, True]


def test_upgrade_works_under_a_running_event_loop(project: TinyProject, postgres_database: Profile) -> None:
    project.use(postgres_database)
    project.revision("r1")
    opened = open_project(start=project.root, environ={})

    async def application() -> str:
        return ", ".join(upgrade(opened).after)

    assert asyncio.run(application()) == "r1"


def test_loggers_and_import_path_are_given_back(project: TinyProject, local_database: Profile) -> None:
    project.use(local_database)
    project.revision("r1")
    env_py = project.root / "migrations" / "env.py"
    env_py.write_text(
        "import logging.config\nlogging.config.dictConfig({'version': 1, 'disable_existing_loggers': True})\n"
        + env_py.read_text()
    )
    application = logging.getLogger("application")
    path, level = list(sys.path), logging.getLogger().level
    upgrade(open_project(start=project.root, environ={}))
    assert not application.disabled
    assert (sys.path, logging.getLogger().level) == (path, level)


def test_url_never_passes_through_config_parser(tmp_path: Path) -> None:
    (tmp_path / "migrations" / "versions").mkdir(parents=True)
    (tmp_path / "migrations" / "env.py").write_text("")
    (tmp_path / "alembic.ini").write_text("[alembic]\nscript_location = migrations\nsqlalchemy.url = sqlite://\n")
    layout = open_project(start=tmp_path, environ={}).layout
    config = make_config(layout, section="alembic", x=(), url="postgresql://u:50%40@h/d")
    assert config.get_main_option("sqlalchemy.url") == "postgresql://u:50%40@h/d"
    assert config.get_section("alembic", {})["sqlalchemy.url"] == "postgresql://u:50%40@h/d"
    config.set_main_option("sqlalchemy.url", "sqlite://")
    assert config.get_main_option("sqlalchemy.url") == "postgresql://u:50%40@h/d"


COMMITS = """\
import os

from alembic import context
from sqlalchemy import create_engine, event

engine = create_engine(os.environ["APP_DATABASE_URL"])
seen = open(os.environ["APP_SEEN"], "a")


@event.listens_for(engine, "commit")
def note(connection):
    cursor = connection.connection.cursor()
    cursor.execute("SHOW synchronous_commit")
    seen.write(cursor.fetchone()[0] + "\\n")


with {how} as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
seen.close()
"""


@pytest.mark.parametrize(("how", "expected"), [
    ("engine.connect()", ["on", "off", "on"]),
    ("engine.begin()", ["on"]),
])  # fmt: skip
def test_only_the_last_commit_waits_for_the_disk(
    how: str,
    expected: list[str],
    project: TinyProject,
    local_database: Profile,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first row is inserted, not moved, so its commit waits too; in a transaction of env.py all wait."""
    for name in ("r1", "r2", "r3"):
        project.revision(name)
    (project.root / "migrations" / "env.py").write_text(COMMITS.format(how=how))
    url = sqlalchemy_url(local_database, driver="psycopg").render_as_string(hide_password=False)
    monkeypatch.setenv("APP_DATABASE_URL", url)
    monkeypatch.setenv("APP_SEEN", str(tmp_path / "seen"))
    (project.root / "env_profiles" / "local.env").unlink()
    for left in (project.root / "env_profiles").iterdir():
        left.unlink()
    (project.root / "env_profiles").rmdir()
    upgrade(open_project(start=project.root, environ={}))
    commits = (tmp_path / "seen").read_text().split()
    assert [each for each in commits if each == "off"] == [each for each in expected if each == "off"]
    assert commits[-1] == "on"


def test_long_runs_compile_ahead_and_still_stop_at_the_broken_file(
    project: TinyProject, local_database: Profile
) -> None:
    project.use(local_database)
    for number in range(40):
        project.revision(f"r{number:02}", "pass", "pass")
    broken = project.revision("r40", "pass", "pass")
    broken.write_text(broken.read_text() + "\nreturn\n")
    with pytest.raises(PartlyApplied, match=r"upgrade of r40 .* failed: SyntaxError"):
        upgrade(open_project(start=project.root, environ={}))
    assert upgrade(open_project(start=project.root, environ={}), "r39").after == ("r39",)
