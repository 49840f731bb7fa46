"""How many of 58 known cases `migrator drift` and Alembic's autogenerate see, on the same two databases in one run.

One database holds all that is before, the other all that is after, a schema for each case. `migrator drift` compares
the second with a history that builds the first. Autogenerate compares the second with models that are reflected from
the first, with Alembic's defaults and with all of its switches.

    python benchmarks/drift.py [--server postgresql://postgres@127.0.0.1:5432/postgres]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import uuid
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from schema_pairs import PAIRS, PREPARATION, Pair

from migrator.chain.scaffold import Style, plan_project, write_scaffold
from migrator.execution.upgrading import upgrade
from migrator.project import open_project
from migrator.verification.drift.detecting import find_drift
from migrator.verification.drift.model import DriftRequest

KNOWN: Mapping[str, Pair] = {f"known_{pair.facts:02}": pair for pair in PAIRS if pair.facts is not None}
ALL_SWITCHES = {
    "compare_server_default": True,
    "autogenerate_plugins": ["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname"],
}
REVISION = """\
\"\"\"All that is before.\"\"\"
import json, pathlib
from alembic import op

revision = "known"
down_revision = None


def upgrade():
    for sql in json.loads((pathlib.Path(__file__).parent.parent / "before.json").read_text()):
        op.get_bind().exec_driver_sql(sql)


def downgrade():
    pass
"""


@contextmanager
def database(server: sa.URL) -> Iterator[sa.URL]:
    """A database that is dropped afterwards."""
    name = f"migrator_benchmark_{uuid.uuid4().hex[:8]}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
        try:
            yield server.set(database=name)
        finally:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    engine.dispose()


def build(url: sa.URL, side: str) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in (PREPARATION, *(pair.statements(side, schema) for schema, pair in KNOWN.items())):
            connection.exec_driver_sql(statement)
    engine.dispose()


def seen_by_drift(live: sa.URL, server: sa.URL, folder: Path) -> set[str]:
    """The schemas in which the expected object drifted; and those where something drifted that should not."""
    write_scaffold(plan_project(folder, style=Style("sync")), dry_run=False)
    before = [PREPARATION, *(pair.statements("before", schema) for schema, pair in KNOWN.items())]
    (folder / "migrations" / "before.json").write_text(json.dumps([*before, "SET search_path = public"]))
    (folder / "env_profiles" / "local.env").write_text(
        "".join(f"{name}={value}\n" for name, value in settings(live, server).items())
    )
    versions = folder / "migrations" / "versions"
    (versions / "known.py").write_text(REVISION.replace("for sql in", "for sql in [] and"))
    upgrade(open_project(start=folder, environ={}))
    (versions / "known.py").write_text(REVISION)
    build(live, "after")
    report = find_drift(open_project(start=folder, environ={}), DriftRequest())
    drifted = [str(each.key) for each in (*(one.difference for one in report.drifted), *report.reordered)]
    return {
        schema
        for schema, pair in KNOWN.items()
        if (pair.object(schema) in drifted if pair.differs else any(schema in each for each in drifted))
    }


def settings(live: sa.URL, server: sa.URL) -> dict[str, object]:
    return {
        "DB_DIALECT": "postgresql",
        "DB_DRIVER": "psycopg",
        "DB_MIGRATION_DRIVER": "psycopg",
        "DB_HOST": live.host,
        "DB_PORT": live.port or 5432,
        "DB_NAME": live.database,
        "DB_USER": live.username,
        **({"DB_PASS": live.password} if live.password else {}),
        "MIGRATOR_SCRATCH_URL": server.set(drivername="postgresql").render_as_string(hide_password=False),
    }


def seen_by_autogenerate(before: sa.URL, live: sa.URL, options: Mapping[str, Any]) -> set[str]:
    """The schemas in which autogenerate finds anything."""
    models, database_ = sa.create_engine(before), sa.create_engine(live)
    found = set()
    with models.connect() as reflected, database_.connect() as connection:
        for schema in KNOWN:
            metadata = sa.MetaData()
            metadata.reflect(reflected, schema=schema)
            if differs(metadata, connection, schema, options):
                found.add(schema)
    models.dispose()
    database_.dispose()
    return found


def differs(metadata: sa.MetaData, connection: sa.Connection, schema: str, options: Mapping[str, Any]) -> bool:
    def only(name: str | None, kind: str, _parents: object) -> bool:
        return kind != "schema" or name == schema

    chosen = {"include_schemas": True, "include_name": only, **options}
    context = MigrationContext.configure(connection, opts=chosen)
    return bool(compare_metadata(context, metadata))


def row(name: str, found: set[str]) -> None:
    real = {schema for schema, pair in KNOWN.items() if pair.differs}
    print(f"{name:<44}{len(found & real):>3} of {len(real)}   false: {len(found - real)}")


def missed(found: set[str]) -> Sequence[str]:
    return [pair.name for schema, pair in KNOWN.items() if pair.differs and schema not in found]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", default="postgresql://postgres@127.0.0.1:5432/postgres")
    server = sa.make_url(parser.parse_args().server).set(drivername="postgresql+psycopg")
    warnings.simplefilter("ignore")
    with database(server) as before, database(server) as live, tempfile.TemporaryDirectory() as folder:
        build(before, "before")
        ours = seen_by_drift(live, server, Path(folder))
        plain = seen_by_autogenerate(before, live, {})
        thorough = seen_by_autogenerate(before, live, ALL_SWITCHES)
    row("migrator drift", ours)
    row("alembic autogenerate", plain)
    row("alembic autogenerate, every switch", thorough)
    print(f"\nmissed by migrator drift: {', '.join(missed(ours)) or 'none'}")
    print(f"missed by autogenerate with every switch: {', '.join(missed(thorough))}")


if __name__ == "__main__":
    main()
