"""With an env.py as ``alembic init`` writes it and a real address in its ini, only scratch databases move."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from servers import ServerMissing, Servers

from migrator.database.connecting import connect
from migrator.database.snapshot.reading import read_snapshot
from migrator.database.urls import sqlalchemy_url
from migrator.findings import Finding
from migrator.profiles.model import Profile
from migrator.project import Project, open_project
from migrator.verification.autogenerate import scratch_at_head
from migrator.verification.checking.models import compare_models_with_history
from migrator.verification.roundtrips.choosing import VerifyRequest
from migrator.verification.roundtrips.verifying import verify
from migrator.verification.throwaway import PREFIX

SYNCHRONOUS = {"mariadb": "pymysql", "sqlite": "pysqlite", "embedded-18": "psycopg"}
MODELS = """
from sqlalchemy import Column, Integer, MetaData, Table
target_metadata = MetaData()
Table("things", target_metadata, Column("id", Integer, primary_key=True))
"""
REVISION = """
import os
import sqlalchemy as sa
from alembic import op

revision = {revision!r}
down_revision = {parent!r}


def upgrade():
    {upgrade}


def downgrade():
    {downgrade}
"""
OWN_ENGINE = """engine = sa.create_engine(os.environ["OWN_DATABASE"])
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE IF EXISTS precious"))
    engine.dispose()"""


@dataclass
class Stock:
    """A project of Alembic's own making, whose database is on the server that scratch databases are made on."""

    root: Path
    own: Profile

    def revision(self, revision: str, upgrade: str, downgrade: str = "pass", *, parent: str | None = None) -> None:
        text = REVISION.format(revision=revision, parent=parent, upgrade=upgrade, downgrade=downgrade)
        (self.root / "migrations" / "versions" / f"{revision}.py").write_text(text)

    def project(self) -> Project:
        return open_project(start=self.root, environ={})

    def state(self) -> tuple[object, ...]:
        """Everything in the project's own database."""
        with connect(self.own) as connection:
            return dict(read_snapshot(connection).objects), connection.fetch("SELECT id, name FROM precious")

    def databases(self) -> set[str]:
        """Every database of the server, but for what other tests make and drop there at the same time."""
        if self.own.dialect == "sqlite":
            return {str(file) for file in self.root.rglob("*") if "__pycache__" not in str(file)}
        names = {
            "postgresql": "datname FROM pg_database",
            "mysql": "schema_name FROM information_schema.schemata",
        }[self.own.dialect]
        with connect(self.own) as connection:
            found = {str(name) for (name,) in connection.fetch(f"SELECT {names}")}
        return {name for name in found if not any(word in name for word in ("test", "reliability", PREFIX))}


@contextmanager
def made(server: str, servers: Servers, folder: Path, *, template: str = "generic", driver: str) -> Iterator[Stock]:
    root = folder / "stock"
    root.mkdir()
    command.init(Config(str(root / "alembic.ini")), str(root / "migrations"), template=template)
    try:
        servers.profile(server)
    except ServerMissing as reason:
        pytest.skip(f"{server}: {reason}")
    with (
        servers.database(server, folder=folder, driver=SYNCHRONOUS[server]) as own,
        pytest.MonkeyPatch.context() as patch,
    ):
        address = sqlalchemy_url(own, driver=driver).render_as_string(hide_password=False)
        ini, env_py = root / "alembic.ini", root / "migrations" / "env.py"
        ini.write_text(ini.read_text().replace("driver://user:pass@localhost/dbname", address.replace("%", "%%")))
        env_py.write_text(env_py.read_text().replace("target_metadata = None", MODELS))
        patch.setenv("OWN_DATABASE", address.replace(f"+{driver}", f"+{SYNCHRONOUS[server]}"))
        if own.dialect != "sqlite":
            patch.setenv("MIGRATOR_SCRATCH_URL", address.replace(f"+{driver}", ""))
        with connect(own) as connection:
            connection.execute("CREATE TABLE precious (id integer, name varchar(10))")
            connection.execute("INSERT INTO precious VALUES (1, 'kept')")
            connection.commit()
        yield Stock(root, own)


@pytest.fixture(params=["mariadb", "sqlite", "embedded-18"])
def stock(request: pytest.FixtureRequest, servers: Servers, tmp_path: Path) -> Iterator[Stock]:
    with made(request.param, servers, tmp_path, driver=SYNCHRONOUS[request.param]) as found:
        yield found


@pytest.fixture(params=[("mariadb", "asyncmy"), ("sqlite", "aiosqlite")], ids="-".join)
def asynchronous_stock(request: pytest.FixtureRequest, servers: Servers, tmp_path: Path) -> Iterator[Stock]:
    server, driver = request.param
    with made(server, servers, tmp_path, template="async", driver=driver) as found:
        yield found


def check(project: Project) -> tuple[Finding, ...]:
    findings, reason = compare_models_with_history(project)
    assert reason is None
    return findings


def autogenerate(project: Project) -> tuple[Finding, ...]:
    with scratch_at_head(project) as (scratch, _):
        assert scratch.profile is not None
        with connect(scratch.profile) as connection:
            assert any(each.key.name == "things" for each in read_snapshot(connection))
    return ()


def verify_all(project: Project) -> tuple[Finding, ...]:
    return tuple(finding for verdict in verify(project, VerifyRequest()).verdicts for finding in verdict.findings)


WAYS = [check, autogenerate, verify_all]


@pytest.mark.parametrize("way", WAYS)
def test_only_scratch_databases_move(stock: Stock, way: Callable[[Project], tuple[Finding, ...]]) -> None:
    require_that_only_scratch_databases_move(stock, way)


@pytest.mark.parametrize("way", [check, verify_all])
def test_nor_does_anything_with_an_asynchronous_env_py(
    asynchronous_stock: Stock, way: Callable[[Project], tuple[Finding, ...]]
) -> None:
    require_that_only_scratch_databases_move(asynchronous_stock, way)


def require_that_only_scratch_databases_move(stock: Stock, way: Callable[[Project], tuple[Finding, ...]]) -> None:
    table = 'op.create_table("things", sa.Column("id", sa.Integer, primary_key=True))'
    stock.revision("one", table, 'op.drop_table("things")')
    stock.revision("two", OWN_ENGINE, parent="one")
    before, databases = stock.state(), stock.databases()
    findings = way(stock.project())
    assert not [finding for finding in findings if finding.rule != "downgrade-empty"], findings
    assert stock.state() == before
    assert stock.databases() == databases


@pytest.mark.parametrize("way", [check, verify_all])
def test_a_statement_that_names_another_database_is_refused(
    stock: Stock, way: Callable[[Project], tuple[Finding, ...]]
) -> None:
    statement = {
        "mysql": f"ALTER TABLE {stock.own.database}.precious DROP COLUMN name",
        "sqlite": f"ATTACH DATABASE '{stock.own.database}' AS own",
        "postgresql": f"ALTER DATABASE {stock.own.database} SET timezone TO 'UTC'",
    }[stock.own.dialect]
    stock.revision("one", f'op.execute("{statement}")')
    before = stock.state()
    findings = way(stock.project())
    assert stock.state() == before
    said = " ".join(finding.message for finding in findings)
    assert f"was about to change {stock.own.database}" in said.replace("'", ""), said
