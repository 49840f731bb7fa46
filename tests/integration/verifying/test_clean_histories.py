"""Histories without a defect have no findings, however they are built, and whatever env.py is like."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from projects import TinyProject
from servers import Servers
from verifying_histories import url_of

from migrator.database.connecting import connect
from migrator.errors import ConfigurationError, UsageError
from migrator.profiles.model import Profile
from migrator.project import Project, open_project
from migrator.verification.roundtrips import Outcome, VerifyReport, VerifyRequest, verify

Opened = Callable[[TinyProject], Project]

CONCURRENTLY = """
with op.get_context().autocommit_block():
    op.create_index("items_name", "items", ["name"], postgresql_concurrently=True)
""".strip()
CONCURRENTLY_BACK = """
with op.get_context().autocommit_block():
    op.drop_index("items_name", "items", postgresql_concurrently=True)
""".strip()
ITEMS = 'op.create_table("items", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text))'


def fill(project: TinyProject) -> None:
    """A history with everything that makes an order of revisions difficult."""
    project.revision("ground", ITEMS, 'op.drop_table("items")')
    project.revision("index", CONCURRENTLY, CONCURRENTLY_BACK)
    project.revision("left", parent="index")
    project.revision("right", parent="index")
    project.revision("right_more", parent="right")
    project.revision("merge", "pass", "pass", parent=("left", "right_more"))
    project.revision("above")
    project.revision("shop", parent=None, labels="shopping")
    project.revision("shop_more", parent="shop", depends="left")
    project.revision(
        "own_commit",
        'op.get_bind().commit()\nop.add_column("items", sa.Column("size", sa.Integer))\nop.get_bind().commit()',
        'op.drop_column("items", "size")',
        parent="above",
    )


def problems(report: VerifyReport) -> list[str]:
    return [f"{each.rule}: {each.message}" for each in report.findings]


def test_merges_labels_dependencies_and_concurrent_indexes(history: TinyProject, opened: Opened) -> None:
    fill(history)
    report = verify(opened(history), VerifyRequest())
    assert problems(report) == []
    assert len(report.verdicts) == 10
    assert {each.outcome for each in report.verdicts} == {Outcome.EXACT}
    assert report.rebuilt == 0
    assert all(each.timing.up and each.timing.down and each.timing.again for each in report.verdicts)


def test_asynchronous_env_py(async_history: TinyProject, opened: Opened) -> None:
    fill(async_history)
    report = verify(opened(async_history), VerifyRequest())
    assert problems(report) == []
    assert {each.outcome for each in report.verdicts} == {Outcome.EXACT}


@pytest.fixture
def stock(tmp_path: Path, servers: Servers) -> Iterator[tuple[Path, Profile]]:
    """A project as ``alembic init`` writes it, with the address of a real database in its ini, which holds a table."""
    with servers.database("postgresql", folder=tmp_path, driver="psycopg") as own:
        root = tmp_path / "stock"
        ini = root / "alembic.ini"
        root.mkdir()
        command.init(Config(str(ini)), str(root / "migrations"))
        address = f"postgresql+psycopg://{own.user}@{own.host}:{own.port}/{own.database}"
        ini.write_text(ini.read_text().replace("driver://user:pass@localhost/dbname", address))
        with connect(own) as connection:
            connection.execute("CREATE TABLE precious (id integer); INSERT INTO precious VALUES (1)")
        yield root, own


STOCK_REVISION = """
import os
import sqlalchemy as sa
from alembic import op

revision = "one"
down_revision = None


def upgrade():
    op.create_table("things", sa.Column("id", sa.Integer, primary_key=True))
    engine = sa.create_engine(os.environ["OWN_DATABASE"])
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE IF EXISTS precious"))
    engine.dispose()


def downgrade():
    op.drop_table("things")
"""


@pytest.mark.parametrize("own_address", [False, True], ids=["ini", "address in env.py"])
def test_the_database_of_a_stock_env_py_stays_untouched(
    stock: tuple[Path, Profile], servers: Servers, monkeypatch: pytest.MonkeyPatch, own_address: bool
) -> None:
    root, own = stock
    (root / "migrations" / "versions" / "one.py").write_text(STOCK_REVISION)
    address = f"postgresql+psycopg://{own.user}@{own.host}:{own.port}/{own.database}"
    monkeypatch.setenv("OWN_DATABASE", address)
    monkeypatch.setenv("MIGRATOR_SCRATCH_URL", url_of(servers.profile("embedded-18")))
    if own_address:
        env_py = root / "migrations" / "env.py"
        env_py.write_text(
            env_py.read_text().replace(
                "def run_migrations_online() -> None:",
                f"def run_migrations_online() -> None:\n    config.set_main_option('sqlalchemy.url', {address!r})",
            )
        )
    project = open_project(start=root, environ={})
    assert project.profile is None
    report = verify(project, VerifyRequest(with_data=False))
    assert problems(report) == []
    assert [each.outcome for each in report.verdicts] == [Outcome.EXACT]
    with connect(own) as connection:
        assert connection.fetch("SELECT id FROM precious") == [(1,)]
        tables = connection.fetch("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        assert tables == [("precious",)]


def test_a_transaction_that_env_py_holds(history: TinyProject, opened: Opened) -> None:
    history.revision("one")
    history.revision("two", 'op.create_index("i", "one", ["id"])', "pass")
    history.revision("three")
    (history.root / "migrations" / "env.py").write_text(
        "from alembic import context\n"
        "from sqlalchemy import create_engine, pool\n"
        "url = context.config.get_main_option('sqlalchemy.url')\n"
        "with create_engine(url, poolclass=pool.NullPool).begin() as connection:\n"
        "    context.configure(connection=connection)\n"
        "    context.run_migrations()\n"
    )
    report = verify(opened(history), VerifyRequest(with_data=False))
    found = {each.revision: sorted(finding.rule for finding in each.findings) for each in report.verdicts}
    assert found == {"one": [], "two": ["downgrade-leaves", "upgrade-again-fails"], "three": []}


def test_chosen_revisions_only(history: TinyProject, opened: Opened) -> None:
    fill(history)
    project = opened(history)

    def verified(request: VerifyRequest) -> list[str]:
        return [each.revision for each in verify(project, request).verdicts]

    order = verified(VerifyRequest(with_data=False))
    assert verified(VerifyRequest(last=2, with_data=False)) == order[-2:]
    assert verified(VerifyRequest(only=("merge", "left"), with_data=False)) == ["left", "merge"]


def test_an_enum_type_that_downgrade_drops_is_made_again(history: TinyProject, opened: Opened) -> None:
    colours = 'sa.Column("colour", sa.Enum("red", "blue", name="colour"))'
    history.revision(
        "one",
        f'op.create_table("cars", sa.Column("id", sa.Integer, primary_key=True), {colours})',
        'op.drop_table("cars")\nop.execute("DROP TYPE colour")',
    )
    assert problems(verify(opened(history), VerifyRequest())) == []


def test_a_type_that_another_revision_has_made_stops_a_run_of_its_own(
    history: TinyProject, opened: Opened, local_database: Profile
) -> None:
    colours = 'sa.Column("colour", sa.Enum("red", "blue", name="colour"))'
    one = f'op.create_table("cars", sa.Column("id", sa.Integer, primary_key=True), {colours})'
    history.revision("one", one, 'op.drop_table("cars")\nop.execute("DROP TYPE colour")')
    history.revision("two", one.replace("cars", "bikes"), 'op.drop_table("bikes")', parent="one")
    history.revision("three", parent="two")
    report = verify(opened(history), VerifyRequest())
    assert [(each.revision, each.rule) for each in report.findings] == [("two", "upgrade-needs-same-run")]
    assert [each.outcome for each in report.verdicts] == [Outcome.EXACT, Outcome.FAULTY, Outcome.EXACT]
    history.use(local_database)
    assert history.run("upgrade", "one").returncode == 0
    stopped = history.run("upgrade")
    assert stopped.returncode == 7
    assert 'type "colour" already exists' in stopped.stderr


def test_a_type_that_downgrade_leaves_stops_the_next_upgrade(
    history: TinyProject, opened: Opened, local_database: Profile
) -> None:
    colours = 'sa.Column("colour", sa.Enum("red", "blue", name="colour"))'
    one = f'op.create_table("cars", sa.Column("id", sa.Integer, primary_key=True), {colours})'
    history.revision("one", one, 'op.drop_table("cars")')
    history.revision("two", parent="one")
    report = verify(opened(history), VerifyRequest())
    found = [(each.revision, each.rule) for each in report.findings]
    assert found == [("one", "downgrade-leaves"), ("one", "upgrade-again-fails")]
    assert [each.outcome for each in report.verdicts] == [Outcome.FAULTY, Outcome.EXACT]
    history.use(local_database)
    assert history.run("upgrade", "one").returncode == 0
    assert history.run("downgrade", "base").returncode == 0
    stopped = history.run("upgrade", "one")
    assert stopped.returncode == 7
    assert 'type "colour" already exists' in stopped.stderr


def test_a_profile_on_another_version(history: TinyProject, servers: Servers, opened: Opened) -> None:
    history.revision("one")
    server = servers.profile("embedded-16")
    history.use(replace(server, database="app"), MIGRATOR_SCRATCH_URL=url_of(server))
    assert verify(opened(history), VerifyRequest()).server.startswith("PostgreSQL 16")


@pytest.mark.parametrize("style", ["sync", "async"])
def test_under_a_running_event_loop(request: pytest.FixtureRequest, opened: Opened, style: str) -> None:
    project: TinyProject = request.getfixturevalue("history" if style == "sync" else "async_history")
    project.revision("one")

    async def within() -> VerifyReport:
        return verify(opened(project), VerifyRequest())

    report = asyncio.run(within())
    assert [each.outcome for each in report.verdicts] == [Outcome.EXACT]


def test_an_extension_that_the_server_lacks_is_named(history: TinyProject, opened: Opened) -> None:
    history.revision("one", 'op.execute("CREATE EXTENSION no_such_extension")', "pass")
    with pytest.raises(ConfigurationError, match='one needs the extension "no_such_extension"') as refused:
        verify(opened(history), VerifyRequest())
    assert "MIGRATOR_SCRATCH_URL" in str(refused.value.remedy)


def test_rows_of_the_project_are_met_by_its_revisions(history: TinyProject, opened: Opened) -> None:
    history.revision("one", ITEMS, 'op.drop_table("items")')
    history.revision(
        "two",
        "op.execute(\"ALTER TABLE items ADD CONSTRAINT c CHECK (name <> 'Rex')\")",
        'op.drop_constraint("c", "items")',
    )
    (history.root / "rows.py").write_text(
        'at_revision_data = {"one": [{"__tablename__": "items", "id": 1, "name": "Rex"}]}\n'
    )
    (history.root / "pyproject.toml").write_text('[tool.migrator]\nverify_rows = "rows.py"\n')
    report = verify(opened(history), VerifyRequest())
    assert [(each.rule, each.revision) for each in report.findings] == [("upgrade-fails-on-data", "two")]
    assert "c" in report.findings[0].message


def test_an_env_py_that_runs_migrations_twice_is_refused(history: TinyProject, opened: Opened) -> None:
    history.revision("one")
    (history.root / "migrations" / "env.py").write_text(
        "from alembic import context\n"
        "from sqlalchemy import create_engine, pool\n"
        "url = context.config.get_main_option('sqlalchemy.url')\n"
        "with create_engine(url, poolclass=pool.NullPool).connect() as connection:\n"
        "    context.configure(connection=connection)\n"
        "    context.run_migrations()\n"
        "    context.run_migrations()\n"
    )
    with pytest.raises(UsageError, match="more than once"):
        verify(opened(history), VerifyRequest())
