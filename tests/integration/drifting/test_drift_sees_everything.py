"""Each of the 58 cases that were tried on Alembic's autogenerate, as drift of one live database."""

from __future__ import annotations

import json
from contextlib import closing

import pytest
from drifters import opened, scratch_url
from projects import TinyProject
from schema_pairs import PAIRS, PREPARATION
from servers import Servers

from migrator.database.connecting import connect
from migrator.execution.upgrading import upgrade
from migrator.profiles.model import Profile
from migrator.verification.drift.detecting import find_drift
from migrator.verification.drift.model import DriftRequest

KNOWN = {f"known_{pair.facts:02}": pair for pair in PAIRS if pair.facts is not None}
HISTORY = """\
import json, pathlib
for sql in json.loads((pathlib.Path(__file__).parent.parent / "before.json").read_text()):
    op.get_bind().exec_driver_sql(sql)"""


def drifted(project: TinyProject, live: Profile, scratch: Profile) -> list[str]:
    """Objects that drifted where the history is all that is before, and the database all that is after."""
    before = [PREPARATION, *(pair.statements("before", schema) for schema, pair in KNOWN.items())]
    (project.root / "migrations" / "before.json").write_text(json.dumps([*before, "SET search_path = public"]))
    project.use(live, DB_DRIVER="psycopg", DB_MIGRATION_DRIVER="psycopg", MIGRATOR_SCRATCH_URL=scratch_url(scratch))
    project.revision("empty", "pass", "pass")
    upgrade(opened(project))
    project.revision("known", HISTORY, "pass", parent=None)
    (project.versions / "empty_create_empty.py").unlink()
    with closing(connect(live)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'known'")
        connection.execute(PREPARATION)
        for schema, pair in KNOWN.items():
            connection.execute(pair.statements("after", schema))
    report = find_drift(opened(project), DriftRequest())
    assert [str(each.key) for each in report.reordered] == [
        pair.object(name) for name, pair in KNOWN.items() if pair.name == "column order"
    ]
    return [str(each.key) for each in (*(one.difference for one in report.drifted), *report.reordered)]


@pytest.mark.parametrize(("server", "scratch"), [("embedded-18", "embedded-18"), ("postgresql", "embedded-16")])
def test_each_of_56_differences_is_drift_and_the_other_two_are_not(
    server: str, scratch: str, sync_project: TinyProject, servers: Servers
) -> None:
    with servers.database(server, folder=sync_project.root) as live:
        found = drifted(sync_project, live, servers.profile(scratch))
    assert len(KNOWN) == 58
    missed = [pair.name for schema, pair in KNOWN.items() if pair.differs and pair.object(schema) not in found]
    assert missed == []
    invented = [each for each in found for schema, pair in KNOWN.items() if not pair.differs and schema in each]
    assert invented == []
    assert sum(pair.differs for pair in KNOWN.values()) == 56
