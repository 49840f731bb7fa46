"""What a revision will do, told from its source."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.chain.operations import Operation, read_operations


def upgrade_of(tmp_path: Path, body: str, *, head: str = "") -> tuple[Operation, ...]:
    path = tmp_path / "step.py"
    indented = "\n".join(f"    {line}" for line in body.splitlines())
    path.write_text(f"from alembic import op\nimport sqlalchemy as sa\n{head}\n\ndef upgrade():\n{indented}\n")
    return read_operations(str(path)).upgrade


@pytest.mark.parametrize(
    ("call", "summary", "destructive"),
    [
        ('op.create_table("users", sa.Column("id", sa.Integer()))', "create table users", False),
        ("op.create_table(TABLE)", "create table people", False),
        ('op.drop_table("users")', "drop table users", True),
        ('op.rename_table("a", "b")', "rename table a to b", False),
        ('op.add_column("users", sa.Column("email", sa.Text()))', "add column users.email", False),
        ('op.drop_column("users", "email")', "drop column users.email", True),
        ('op.drop_column(table_name="users", column_name="email")', "drop column users.email", True),
        ('op.alter_column("users", "email", nullable=False)', "alter column users.email (nullability)", False),
        ('op.create_index(op.f("ix_users"), "users", ["id"])', "create index ix_users on users", False),
        ('op.create_foreign_key("fk", "posts", "users", ["a"], ["b"])', "add foreign key fk on posts", False),
        ('op.drop_constraint("fk", "posts", type_="foreignkey")', "drop constraint fk on posts", False),
        ('op.bulk_insert(sa.table("users"), [])', "insert rows into users", False),
        ('op.execute("UPDATE users\\n SET a = 1")', "execute UPDATE users SET a = 1", False),
        ('op.execute(sa.text("DELETE FROM users"))', "execute DELETE FROM users", True),
        ('op.get_bind().execute(sa.text("TRUNCATE users"))', "execute TRUNCATE users", True),
        ('op.execute(f"DROP TABLE {TABLE}")', "execute DROP TABLE people", True),
        ("op.execute(build())", "execute SQL", False),
        ('op.create_view("v")', "create view v", False),
        ('sa.Enum("a", name="kind").drop(op.get_bind())', "drop a type or table of its own", False),
    ],
)
def test_single_calls(tmp_path: Path, call: str, summary: str, destructive: bool) -> None:
    (operation,) = upgrade_of(tmp_path, call, head='TABLE = "people"')
    assert (operation.summary, operation.destructive, operation.line) == (summary, destructive, 6)


@pytest.mark.parametrize(
    ("call", "schema", "table"),
    [
        ('op.drop_table("users")', None, "users"),
        ('op.drop_table("users", schema=None)', None, "users"),
        ('op.drop_table("users", schema="app")', "app", "users"),
        ('op.drop_column("users", "email", schema=SCHEMA)', "old", "users"),
        ('op.drop_table("users", schema=computed())', "?", "users"),
        ('op.execute("DROP TABLE IF EXISTS Users CASCADE")', None, "Users"),
        ('op.execute("drop table app.users;")', "app", "users"),
        ('op.execute(\'TRUNCATE ONLY "app"."Old Users"\')', "app", "Old Users"),
        ('op.execute("DELETE FROM `users` WHERE id = 1")', None, "users"),
        ('op.execute("ALTER TABLE [dbo].[users] DROP COLUMN email")', "dbo", "users"),
        ('op.execute("DROP TABLE a, b")', None, None),
        ('op.execute("DELETE FROM one.two.three")', None, None),
        ('op.execute("DROP INDEX ix_users")', None, None),
        ('op.execute("INSERT INTO users VALUES (1)")', None, None),
    ],
)
def test_the_table_that_an_operation_is_about(tmp_path: Path, call: str, schema: str | None, table: str | None) -> None:
    (operation,) = upgrade_of(tmp_path, call, head='SCHEMA = "old"')
    assert (operation.schema, operation.table) == (schema, table)


def test_a_batch_has_one_schema(tmp_path: Path) -> None:
    found = upgrade_of(tmp_path, 'with op.batch_alter_table("posts", schema="app") as b:\n    b.drop_column("y")')
    assert [(operation.schema, operation.table) for operation in found] == [("app", "posts")]


def test_a_batch_names_its_table(tmp_path: Path) -> None:
    found = upgrade_of(
        tmp_path,
        'with op.batch_alter_table("posts") as batch_op:\n    batch_op.add_column(sa.Column("x", sa.Text()))\n'
        '    batch_op.drop_column("y")\n    batch_op.create_index("ix", ["x"])',
    )
    assert [(operation.table, operation.name) for operation in found] == [
        ("posts", "x"),
        ("posts", "y"),
        ("posts", "ix"),
    ]


def test_blocks_loops_conditions_and_called_functions_are_entered(tmp_path: Path) -> None:
    found = upgrade_of(
        tmp_path,
        'with op.get_context().autocommit_block():\n    op.create_index("a", "t", ["x"])\nif True:\n    fill()\n'
        'for name in ("a",):\n    op.drop_table(name)\nfill()',
        head='def fill():\n    op.execute("SELECT 1")\n    fill()\n',
    )
    assert [operation.kind for operation in found] == ["create_index", "execute", "drop_table"]


def test_a_file_that_cannot_be_parsed_has_none(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def upgrade(:")
    assert read_operations(str(tmp_path / "broken.py")).upgrade == ()
    assert read_operations(str(tmp_path / "gone.py")).downgrade == ()
