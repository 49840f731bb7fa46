"""`drift`, `adopt` and `stamp --verify` as they are typed: exit codes, what is printed, what is in the database."""

from __future__ import annotations

from projects import TinyProject

from migrator.database.connecting import connect
from migrator.profiles.model import Profile


def at_head(project: TinyProject, profile: Profile) -> None:
    server = f"postgresql://{profile.user}@/postgres?host={profile.host}&port={profile.port}"
    project.use(profile, env="prod", MIGRATOR_SCRATCH_URL=server, MIGRATOR_PROTECTED="true")
    project.revision("users")
    project.revision("orders")
    done = project.run("upgrade", "--env", "prod", "--yes")
    assert done.returncode == 0, done.stderr


def test_from_drift_to_a_revision_that_passes_everywhere(project: TinyProject, local_database: Profile) -> None:
    at_head(project, local_database)
    clean = project.run("drift", "--env", "prod")
    assert clean.returncode == 0, clean.stderr
    assert clean.stdout.startswith("No drift: ")
    with connect(local_database) as connection:
        connection.execute("CREATE INDEX by_hand ON users (id DESC)")
    found = project.run("drift", "--env", "prod")
    assert found.returncode == 9, found.stderr
    assert "index public.users.by_hand is in the database and not in the history" in found.stdout
    assert 'migrator drift --env prod --write-revision -m "..."' in found.stdout
    as_json = project.run("drift", "--env", "prod", "--format", "json")
    assert (as_json.returncode, as_json.json["exit_code"]) == (9, 9)
    (to_database,) = as_json.json["differences"][0]["to_database"]
    assert to_database.startswith("DROP INDEX")
    written = project.run("drift", "--env", "prod", "--write-revision", "-m", "made in June")
    assert "Wrote migrations/versions/" in written.stdout, written.stderr
    assert project.run("upgrade", "--env", "prod", "--yes").returncode == 0
    assert project.run("drift", "--env", "prod").returncode == 0


def test_adoption_asks_for_yes_proves_and_stamps(project: TinyProject, local_database: Profile) -> None:
    at_head(project, local_database)
    with connect(local_database) as connection:
        connection.execute("DROP TABLE alembic_version")
        connection.execute("DROP TABLE orders")
        unstamped = project.run("drift", "--env", "prod")
        assert unstamped.returncode == 3
        assert "migrator adopt --env prod" in unstamped.stderr
        assert project.run("adopt", "--env", "prod").returncode == 6
        wrong = project.run("stamp", "head", "--verify", "--yes", "--env", "prod")
        assert wrong.returncode == 9
        assert "table public.orders" in wrong.stderr
        adopted = project.run("adopt", "--env", "prod", "--yes")
        assert adopted.returncode == 0, adopted.stderr
        assert "has the schema of users" in adopted.stdout
        assert connection.fetch("SELECT version_num FROM alembic_version") == [("users",)]


def test_no_option_heals(project: TinyProject) -> None:
    refused = project.run("drift", "--heal")
    assert refused.returncode == 2
