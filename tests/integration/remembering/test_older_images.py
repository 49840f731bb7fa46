"""An older image on a database that a newer one has migrated: what the ledger proves decides."""

from __future__ import annotations

import pytest
from ledgers import Remembered
from projects import Completed, TinyProject

from migrator.database.connecting import connect
from migrator.profiles.model import Profile


def upgrade(project: TinyProject, if_ahead: str, *arguments: str) -> Completed:
    return project.run("upgrade", "--quiet", *arguments, env={"MIGRATOR_IF_AHEAD": if_ahead})


def test_code_that_is_contained_in_the_database_passes_as_it_is_told_to(remembered: Remembered) -> None:
    project = remembered.older(*remembered.files[1:])
    ok, warned, failed = (upgrade(project, word) for word in ("ok", "warn", "fail"))
    assert (ok.returncode, ok.stderr) == (0, "")
    assert warned.returncode == 0
    assert warned.stderr.startswith("Warning: the database is at r003, which this code does not know")
    assert "this code does not have r002  create r002, applied 20" in warned.stderr
    as_json = upgrade(project, "ok", "--format", "json").json["databases"][0]
    assert (as_json["ahead"], [each["revision"] for each in as_json["beyond"]]) == (True, ["r002", "r003"])
    assert failed.returncode == 11
    assert "everything that this code has is applied" in failed.stderr
    assert "- r003  create r003, applied 20" in failed.stderr
    assert "migrator downgrade r001 --from-ledger" in failed.stderr
    assert project.run("upgrade").returncode == 11, "to fail is the default"
    status = project.run("status", "--format", "json")
    found = status.json["databases"][0]
    assert (status.returncode, found["state"], found["contains_the_code"]) == (11, "ahead", True)
    assert [each["revision"] for each in found["beyond"]] == ["r002", "r003"]
    assert found["next"].endswith("migrator downgrade r001 --from-ledger")
    assert remembered.history() == [(name, "upgrade", "applied") for name in ("r001", "r002", "r003")]


def test_code_that_the_database_lacks_something_of_fails_whatever_it_is_told(remembered: Remembered) -> None:
    project = remembered.older(remembered.files[2])
    project.revision("x003", parent="r002")
    for word in ("ok", "warn", "fail"):
        done = upgrade(project, word)
        assert done.returncode == 9
        assert "it is at r003, and x003 of this code is not applied" in done.stderr
    status = project.run("status", "--format", "json")
    assert (status.returncode, status.json["databases"][0]["missing"]) == (9, ["x003"])


def test_known_and_unknown_rows_side_by_side_may_contain_all_there_is(
    project: TinyProject, postgres_database: Profile
) -> None:
    project.use(postgres_database)
    project.revision("a1", parent=None)
    project.revision("b1", parent="a1", labels="left")
    project.revision("c1", parent="a1", labels="right")
    newer = project.revision("c2", parent="c1")
    assert project.run("upgrade").returncode == 0
    newer.unlink()
    assert upgrade(project, "ok").returncode == 0
    assert upgrade(project, "fail").returncode == 11
    project.revision("b2", parent="b1")
    missing = upgrade(project, "ok")
    assert (missing.returncode, "b2 of this code is not applied" in missing.stderr) == (9, True)


def test_what_the_ledger_does_not_know_is_treated_as_without_one(remembered: Remembered) -> None:
    project = remembered.upgraded()
    remembered.execute("UPDATE alembic_version SET version_num = 'z9'")
    assert upgrade(project, "ok").returncode == 0
    failed = upgrade(project, "fail")
    assert (failed.returncode, "everything that" in failed.stderr, "--purge" in failed.stderr) == (11, False, True)
    remembered.execute("INSERT INTO alembic_version VALUES ('r003')")
    assert upgrade(project, "ok").returncode == 9


def test_a_database_without_a_ledger_is_treated_as_ever(project: TinyProject, local_database: Profile) -> None:
    project.use(local_database, MIGRATOR_LEDGER="false")
    project.revision("r1")
    newest = project.revision("r2")
    assert project.run("upgrade").returncode == 0
    newest.unlink()
    assert [upgrade(project, word).returncode for word in ("ok", "warn", "fail")] == [0, 0, 11]


@pytest.mark.parametrize("style", ["project", "sync_project"])
def test_it_is_known_through_an_env_py_that_alone_knows_its_database(
    request: pytest.FixtureRequest, style: str, sqlite_database: Profile
) -> None:
    project: TinyProject = request.getfixturevalue(style)
    project.use(sqlite_database, env="made")
    project.revision("r1")
    newest = project.revision("r2")
    assert project.run("upgrade", "--env", "made").returncode == 0
    newest.unlink()
    env_py = project.root / "migrations" / "env.py"
    env_py.write_text(
        "import sqlalchemy as sa\nfrom alembic import context\n"
        f"with sa.create_engine('sqlite:///{sqlite_database.database}').connect() as connection:\n"
        "    context.configure(connection=connection)\n"
        "    with context.begin_transaction():\n"
        "        context.run_migrations()\n"
    )
    for file in (project.root / "env_profiles").iterdir():
        file.unlink()
    assert upgrade(project, "ok").returncode == 0
    failed = upgrade(project, "fail")
    assert (failed.returncode, "everything that this code has is applied" in failed.stderr) == (11, True)
    assert '"r2"' in project.run("log", "--format", "json").stdout
    taken_back = project.run("downgrade", "head", "--from-ledger")
    assert taken_back.returncode == 0, taken_back.stderr
    with connect(sqlite_database) as connection:
        assert connection.fetch("SELECT version_num FROM alembic_version") == [("r1",)]
