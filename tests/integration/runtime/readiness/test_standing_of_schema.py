"""Whether the schema suits the code, for every way in which a database can stand to its revision files."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from askers import asking, fetch, run, stamp
from projects import TinyProject

from migrator.errors import ChainError, ConfigurationError, UsageError
from migrator.profiles.model import Profile
from migrator.runtime import SchemaBehind

both = pytest.mark.parametrize("asynchronous", [True, False], ids=["async", "sync"])


def upgraded(project: TinyProject, *arguments: str) -> None:
    done = project.run("upgrade", *arguments)
    assert done.returncode == 0, done.stderr


@both
def test_from_empty_over_behind_to_the_head_and_back(
    project: TinyProject, database: Profile, *, asynchronous: bool
) -> None:
    project.use(database)
    project.revision("r1")
    project.revision("r2")
    with asking(project.root, asynchronous=asynchronous) as asker:
        empty = asker.readiness()
        assert (empty.is_ready, empty.current, empty.pending) == (False, (), ("r1", "r2"))
        assert empty.reason == "2 revisions of this code are not applied"
        assert empty.may_change
        upgraded(project, "r1")
        behind = asker.readiness()
        assert (behind.is_ready, behind.current, behind.pending) == (False, ("r1",), ("r2",))
        assert asker.readiness("r1").is_ready
        with pytest.raises(SchemaBehind) as refused:
            asker.require_head()
        assert refused.value.message == "The schema does not suit this code: 1 revision of this code is not applied."
        assert refused.value.state == "the database is at r1; nothing was changed"
        assert (refused.value.remedy, refused.value.details) == ("migrator upgrade", ("r2",))
        upgraded(project)
        ready = asker.require_head()
        assert (ready.is_ready, ready.current, ready.pending, ready.is_ahead) == (True, ("r2",), (), False)
        assert project.run("downgrade", "-1").returncode == 0
        assert not asker.readiness().is_ready


def test_with_each_driver_of_postgresql(project: TinyProject, postgres_database: Profile) -> None:
    project.use(postgres_database)
    project.revision("r1")
    for asynchronous in (True, False):
        stamp(postgres_database)
        with asking(project.root, asynchronous=asynchronous) as asker:
            assert asker.readiness().pending == ("r1",)
            stamp(postgres_database, "r1")
            assert asker.require_head().is_ready


def test_a_look_writes_nothing_and_leaves_no_transaction(project: TinyProject, database: Profile) -> None:
    project.use(database)
    project.revision("r1")
    with asking(project.root, asynchronous=True) as asker:
        assert not asker.readiness().is_ready
        tables = {
            "postgresql": "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
            "mysql": "SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE()",
            "sqlite": "SELECT count(*) FROM sqlite_master",
        }[database.dialect]
        assert fetch(database, tables) == [(0,)]
        if database.dialect == "postgresql":
            others = "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            assert fetch(database, f"SELECT DISTINCT state FROM pg_stat_activity {others}") == [("idle",)]
        assert asker.database.pool_figures().checked_out == 0


@both
def test_a_newer_database_suits_where_its_ledger_proves_it(
    project: TinyProject, local_database: Profile, *, asynchronous: bool
) -> None:
    project.use(local_database)
    project.revision("r1")
    newer = project.revision("r2")
    upgraded(project)
    newer.unlink()
    with asking(project.root, asynchronous=asynchronous) as asker:
        ahead = asker.require_head()
        assert (ahead.is_ready, ahead.is_ahead, ahead.current) == (True, True, ("r2",))


def test_a_newer_database_without_a_ledger_suits_only_who_accepts_it(
    project: TinyProject, local_database: Profile
) -> None:
    project.revision("r1")
    stamp(local_database, "zz9")
    for word, accepted in (("fail", False), ("warn", True), ("ok", True)):
        project.use(local_database, MIGRATOR_IF_AHEAD=word)
        with asking(project.root, asynchronous=True) as asker:
            found = asker.readiness()
            assert (found.is_ready, found.is_ahead) == (accepted, accepted)
            if not accepted:
                assert found.reason == "the database is at zz9, which this code does not know"
                assert not found.may_change
                with pytest.raises(SchemaBehind, match="zz9") as refused:
                    asker.require_head(timeout=30)
                assert "MIGRATOR_IF_AHEAD=warn" in str(refused.value.remedy)


def test_a_database_of_another_branch_suits_nobody(project: TinyProject, local_database: Profile) -> None:
    project.use(local_database, MIGRATOR_IF_AHEAD="ok")
    project.revision("r1")
    theirs = project.revision("theirs", parent="r1")
    upgraded(project)
    theirs.unlink()
    project.revision("ours", parent="r1")
    with asking(project.root, asynchronous=True) as asker:
        found = asker.readiness()
        assert (found.is_ready, found.may_change) == (False, False)
        assert found.reason.startswith("the database has diverged from this code: it is at theirs, and ours")
        run(local_database, "UPDATE alembic_version SET version_num = 'r1'")
        assert asker.readiness().pending == ("ours",), "it is looked at anew"


def test_several_heads_and_a_branch_of_them(project: TinyProject, local_database: Profile) -> None:
    project.use(local_database)
    project.revision("a1", parent=None)
    project.revision("b1", parent="a1", labels="left")
    project.revision("c1", parent="a1", labels="right")
    stamp(local_database, "b1")
    with asking(project.root, asynchronous=True) as asker:
        assert asker.readiness().pending == ("c1",)
        assert asker.readiness("left@head").is_ready
        assert not asker.readiness("right@head").is_ready
        stamp(local_database, "b1", "c1")
        assert (asker.readiness().is_ready, asker.readiness().current) == (True, ("b1", "c1"))
        assert asker.readiness("right@head").is_ready


def test_a_half_applied_revision_does_not_count(project: TinyProject, local_database: Profile) -> None:
    project.use(local_database)
    project.revision("r1")
    project.revision(
        "r2",
        'with op.get_context().autocommit_block():\n    op.execute("CREATE TABLE t (id int)")\nraise RuntimeError(1)',
        "pass",
    )
    assert project.run("upgrade").returncode == 8
    with asking(project.root, asynchronous=True) as asker:
        found = asker.readiness()
        assert (found.is_ready, found.pending) == (False, ("r2",))
        assert found.reason == "1 revision of this code is not applied; r2 was begun and has not ended"


def test_the_version_table_of_the_profile_counts(project: TinyProject, local_database: Profile) -> None:
    project.use(local_database, DB_VERSION_TABLE="moved", DB_VERSION_TABLE_SCHEMA="side")
    project.revision("r1")
    stamp(local_database, "r1")
    with asking(project.root, asynchronous=True) as asker:
        assert not asker.readiness().is_ready
        run(local_database, "CREATE SCHEMA side")
        stamp(local_database, "r1", table="side.moved")
        assert asker.readiness().is_ready


def test_the_version_table_that_env_py_declares_counts(project: TinyProject, local_database: Profile) -> None:
    project.use(local_database)
    project.revision("r1")
    env = project.root / "migrations" / "env.py"
    env.write_text("from alembic import context\ncontext.configure(version_table='of_env')\ncontext.run_migrations()\n")
    stamp(local_database, "r1", table="of_env")
    with asking(project.root, asynchronous=True) as asker:
        assert asker.readiness().is_ready
    env.write_text("from alembic import context\ncontext.configure(version_table=name())\ncontext.run_migrations()\n")
    with asking(project.root, asynchronous=True) as asker, pytest.raises(ConfigurationError) as refused:
        asker.readiness()
    assert str(refused.value.remedy).startswith("set DB_VERSION_TABLE")
    project.use(local_database, DB_VERSION_TABLE="of_env")
    with asking(project.root, asynchronous=True) as asker:
        assert asker.readiness().is_ready


@both
def test_a_version_table_that_goes_away_is_noticed(
    project: TinyProject, database: Profile, *, asynchronous: bool
) -> None:
    project.use(database)
    project.revision("r1")
    stamp(database, "r1")
    with asking(project.root, asynchronous=asynchronous) as asker:
        assert asker.readiness().is_ready
        run(database, "ALTER TABLE alembic_version RENAME TO elsewhere")
        gone = asker.readiness()
        assert (gone.is_ready, gone.pending) == (False, ("r1",)), gone.reason
        run(database, "ALTER TABLE elsewhere RENAME TO alembic_version")
        assert asker.readiness().is_ready


def test_a_user_who_may_not_read_the_version_table_is_told_so(project: TinyProject, postgres_database: Profile) -> None:
    project.revision("r1")
    stamp(postgres_database, "r1")
    role = f"{postgres_database.database}_app"
    run(postgres_database, f"CREATE ROLE {role} LOGIN")
    try:
        project.use(replace(postgres_database, user=role))
        with asking(project.root, asynchronous=True) as asker:
            refused = asker.readiness()
            assert (refused.is_ready, refused.may_change) == (False, False)
            assert "permission denied for table alembic_version" in refused.reason
            assert refused.remedy.startswith(f"let {role} read the version table: GRANT SELECT")
            run(postgres_database, f"GRANT SELECT ON alembic_version TO {role}")
            assert asker.require_head().is_ready
    finally:
        run(postgres_database, f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def test_a_user_who_may_not_read_the_ledger_needs_it_for_a_newer_database_only(
    project: TinyProject, local_database: Profile
) -> None:
    project.use(local_database)
    project.revision("r1")
    newer = project.revision("r2")
    upgraded(project)
    role = f"{local_database.database}_app"
    run(local_database, f"CREATE ROLE {role} LOGIN", f"GRANT SELECT ON alembic_version TO {role}")
    try:
        project.use(replace(local_database, user=role))
        with asking(project.root, asynchronous=True) as asker:
            assert asker.require_head().is_ready
        newer.unlink()
        with asking(project.root, asynchronous=True) as asker:
            assert not asker.readiness().is_ready
            run(local_database, f"GRANT USAGE ON SCHEMA migrator TO {role}")
            run(local_database, f"GRANT SELECT ON ALL TABLES IN SCHEMA migrator TO {role}")
            assert asker.readiness().is_ahead
    finally:
        run(local_database, f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def test_what_is_wrong_with_the_files_or_the_name_is_an_error(project: TinyProject, local_database: Profile) -> None:
    project.use(local_database)
    project.revision("r1")
    with asking(project.root, asynchronous=True) as asker:
        with pytest.raises(UsageError):
            asker.readiness("nonsense")
        with pytest.raises(UsageError):
            asker.readiness("+1")
    project.revision("r2", parent="lost")
    with asking(project.root, asynchronous=True) as asker, pytest.raises(ChainError):
        asker.readiness()


def test_a_project_without_revisions_needs_nothing(project: TinyProject, local_database: Profile) -> None:
    project.use(local_database)
    with asking(project.root, asynchronous=True) as asker:
        assert asker.readiness().is_ready


@pytest.fixture
def image(project: TinyProject, database: Profile, tmp_path: Path) -> TinyProject:
    """A folder with profiles and no revision files, beside a project whose database is at r2."""
    project.use(database)
    project.revision("r1")
    project.revision("r2")
    upgraded(project, "r1")
    folder = TinyProject(tmp_path / "image", tmp_path / "home")
    folder.root.mkdir()
    (folder.root / ".git").mkdir()  # nothing is looked for above it
    folder.use(database)
    return folder


def test_an_image_without_revision_files_names_the_revision_that_it_needs(
    image: TinyProject, project: TinyProject
) -> None:
    with asking(image.root, asynchronous=True) as asker:
        assert asker.readiness("r1").is_ready
        lacking = asker.readiness("r2")
        assert (lacking.is_ready, lacking.may_change, lacking.current) == (False, True, ("r1",))
        assert lacking.reason == "r2 is not applied, as far as its ledger knows"
        upgraded(project)
        assert asker.require_head("r2").is_ahead is False
        contained = asker.require_head("r1")
        assert (contained.is_ready, contained.is_ahead, contained.current) == (True, True, ("r2",))


def test_without_files_a_ledger_must_prove_what_is_below(project: TinyProject, local_database: Profile) -> None:
    (project.root / "alembic.ini").unlink()
    project.use(local_database)
    (project.root / "pyproject.toml").write_text("[tool.alembic]\nscript_location = 'not/in/the/image'\n")
    stamp(local_database, "r2")
    with asking(project.root, asynchronous=True) as asker:
        assert asker.readiness("r2").is_ready
        found = asker.readiness("r1")
        assert (found.is_ready, found.may_change) == (False, True)
        assert found.reason == "it is not at r1, and has no ledger that this user may read to say more"
        for name in ("heads", "head", "left@head", "+1"):
            with pytest.raises(ConfigurationError) as refused:
                asker.readiness(name)
            assert f"no revision files that could say what '{name}' means" in refused.value.message
            assert "`migrator heads` prints it" in str(refused.value.remedy)


@both
@pytest.mark.parametrize("pooler", ["true", "false"])
def test_the_version_table_is_looked_for_in_the_schema_of_the_profile(
    project: TinyProject, postgres_database: Profile, pooler: str, *, asynchronous: bool
) -> None:
    """Set while connecting, or in each transaction where a pooler in between would not keep it."""
    project.use(postgres_database, DB_SCHEMA="side", DB_PGBOUNCER=pooler)
    project.revision("r1")
    run(postgres_database, "CREATE SCHEMA side")
    stamp(postgres_database, "r1", table="side.alembic_version")
    with asking(project.root, asynchronous=asynchronous) as asker:
        assert asker.readiness().is_ready
        assert asker.readiness().is_ready
        run(postgres_database, "ALTER TABLE side.alembic_version RENAME TO elsewhere")
        gone = asker.readiness()
        assert (gone.is_ready, gone.pending) == (False, ("r1",)), gone.reason


def test_revision_files_that_were_left_out_of_an_image_are_not_an_empty_history(
    project: TinyProject, local_database: Profile
) -> None:
    project.use(local_database)
    shutil.rmtree(project.versions)
    with asking(project.root, asynchronous=True) as asker:
        with pytest.raises(ConfigurationError, match="versions does not exist"):
            asker.readiness()
        stamp(local_database, "r1")
        assert asker.readiness("r1").is_ready
