"""Models against history: what autogenerate does not see is found, and what it says by mistake is not."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from drifters import opened, scratch_url
from projects import TinyProject

from migrator.execution.upgrading import upgrade
from migrator.profiles.model import Profile
from migrator.verification.models import ModelsComparison, compare_models_both_ways
from migrator.verification.scratch import scratch_database

HEAD = """\
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

metadata = sa.MetaData()
"""
USERS = """\
sa.Table(
    "users", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("email", sa.String(100), unique=True),
    sa.Column("mood", sa.Enum("sad", "ok", name="mood")),
    sa.Column("age", sa.Integer, sa.CheckConstraint("age > 17"), server_default="18"),
    sa.Index("ix_age", "age", postgresql_where=sa.text("age > 20")),
)
"""
SAME = """\
op.execute(\"\"\"
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE users (
  id serial CONSTRAINT pk_users PRIMARY KEY, email varchar(100) CONSTRAINT uq_email UNIQUE, mood mood,
  age integer DEFAULT 18 CONSTRAINT grown_up CHECK (age > 17));
CREATE INDEX ix_age ON users (age) WHERE age > 20
\"\"\")"""


def compared(project: TinyProject, profile: Profile, *, history: str, models: str) -> ModelsComparison:
    project.use(profile, DB_DRIVER="psycopg", DB_MIGRATION_DRIVER="psycopg", MIGRATOR_SCRATCH_URL=scratch_url(profile))
    module = f"models_{uuid.uuid4().hex}"  # env.py runs in this process, which keeps what it has imported
    (project.root / f"{module}.py").write_text(HEAD + models)
    env_py = project.root / "migrations" / "env.py"
    env_py.write_text(
        env_py.read_text().replace("target_metadata = None", f"from {module} import metadata as target_metadata")
    )
    project.revision("r1", history, "pass")
    here = opened(project)
    with scratch_database(here.profile, root=Path(here.root)) as scratch:
        upgrade(here.on(scratch))
        return compare_models_both_ways(here, scratch)


def messages(comparison: ModelsComparison) -> list[str]:
    return [finding.message for finding in comparison.findings]


def test_names_of_unnamed_constraints_and_the_serial_of_a_key_are_no_differences(
    sync_project: TinyProject, local_database: Profile
) -> None:
    found = compared(sync_project, local_database, history=SAME, models=USERS)
    assert messages(found) == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("('sad', 'ok')", "('ok', 'sad')", "enum public.mood: labels"),
        ("CHECK (age > 17)", "CHECK (age > 16)", "is in the models and missing in the history"),
        ("WHERE age > 20", "WHERE age > 21", "index public.users.ix_age: definition"),
        ("DEFAULT 18", "DEFAULT 19", "default of column users.age"),
        ("UNIQUE,", "UNIQUE DEFERRABLE,", "uq_email is in the history and missing in the models"),
    ],
)
def test_what_autogenerate_does_not_see_is_found(
    before: str, after: str, said: str, sync_project: TinyProject, local_database: Profile
) -> None:
    found = compared(sync_project, local_database, history=SAME.replace(before, after), models=USERS)
    assert any(said in message for message in messages(found)), messages(found)


def test_what_models_have_no_words_for_is_no_difference(sync_project: TinyProject, local_database: Profile) -> None:
    more = SAME.replace(
        "WHERE age > 20\n",
        "WHERE age > 20;\nCREATE VIEW adults AS SELECT * FROM users;\n"
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';\n"
        "CREATE TRIGGER t BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION f();\n"
        "ALTER TABLE users ENABLE ROW LEVEL SECURITY;\nCREATE POLICY p ON users USING (true)\n",
    )
    assert messages(compared(sync_project, local_database, history=more, models=USERS)) == []


def test_autogenerate_is_not_believed_where_both_schemas_are_the_same(
    sync_project: TinyProject, local_database: Profile
) -> None:
    env_py = sync_project.root / "migrations" / "env.py"
    env_py.write_text(env_py.read_text().replace("configure(", "configure(compare_type=lambda *_: True, "))
    models = 'sa.Table("t", metadata, sa.Column("id", sa.Integer))\n'
    found = compared(sync_project, local_database, history='op.execute("CREATE TABLE t (id integer)")', models=models)
    assert messages(found) == []
    assert [each.subject for each in found.unconfirmed] == ["type of column t.id"]


def test_default_that_autogenerate_cannot_compare_is_compared_all_the_same(
    sync_project: TinyProject, local_database: Profile
) -> None:
    """Alembic asks the server whether two defaults are equal, and json has no equality."""
    models = 'sa.Table("t", metadata, sa.Column("a", sa.JSON, server_default=sa.text("\'{}\'::json")))\n'
    history = "op.execute(\"CREATE TABLE t (a json DEFAULT '[]')\")"
    found = compared(sync_project, local_database, history=history, models=models)
    assert messages(found)[:1] == ["column public.t.a: default '[]'::json in the history, '{}'::json in the models"]
    assert [each.rule for each in found.findings] == ["models-differ", "autogenerate-failed"]


def test_tables_without_models_are_one_finding(sync_project: TinyProject, local_database: Profile) -> None:
    history = SAME.replace("CREATE INDEX", "CREATE TABLE a (id int);\nCREATE TABLE b (id int);\nCREATE INDEX")
    found = compared(sync_project, local_database, history=history, models=USERS)
    assert messages(found) == ["tables public.a, public.b are in the history and in no model"]
    assert found.findings[0].rule == "tables-without-models"
    assert "env.py" in str(found.findings[0].remedy)


def test_models_that_need_a_function_of_the_history_are_created_with_it(
    sync_project: TinyProject, local_database: Profile
) -> None:
    history = (
        "op.execute(\"CREATE FUNCTION new_id() RETURNS integer LANGUAGE sql AS 'SELECT 1'\")\n"
        'op.execute("CREATE TABLE t (id integer DEFAULT new_id(), note text)")'
    )
    models = 'sa.Table("t", metadata, sa.Column("id", sa.Integer, server_default=sa.text("new_id()")))\n'
    found = compared(sync_project, local_database, history=history, models=models)
    assert messages(found) == ["column t.note is in the history and missing in the models"]


def test_models_that_cannot_be_created_are_compared_by_autogenerate_alone(
    sync_project: TinyProject, local_database: Profile
) -> None:
    models = 'sa.Table("t", metadata, sa.Column("id", sa.Integer, server_default=sa.text("nowhere()")))\n'
    found = compared(sync_project, local_database, history='op.execute("CREATE TABLE t (ref integer)")', models=models)
    assert [finding.rule for finding in found.findings] == ["models-differ", "models-differ", "models-not-created"]
    assert "nowhere()" in found.findings[-1].message
