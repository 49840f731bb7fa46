"""Alembic's operations in words, and which of them look like a rename."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.operations import ops
from sqlalchemy.dialects import postgresql

from migrator.execution.adapter.comparing import differences_of
from migrator.execution.differences import Change, Difference, probable_renames

DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


def column(change: Change, name: str, definition: str = "TEXT", *, table: str = "users") -> Difference:
    return Difference(change=change, what="column", table=table, name=name, definition=definition)


CASES: dict[str, tuple[ops.MigrateOperation, list[str]]] = {
    "table": (ops.CreateTableOp("users", [sa.Column("id", sa.Integer)], schema="app"), ["added table app.users"]),
    "column": (ops.AddColumnOp("users", sa.Column("email", sa.String(50))), ["added column users.email"]),
    "dropped table": (ops.DropTableOp("users"), ["removed table users"]),
    "dropped column": (
        ops.DropColumnOp("users", "email", _reverse=ops.AddColumnOp("users", sa.Column("email", sa.Text))),
        ["removed column users.email"],
    ),
    "altered column": (
        ops.AlterColumnOp(
            "users",
            "email",
            existing_type=sa.String(50),
            modify_type=sa.Text(),
            existing_nullable=True,
            modify_nullable=False,
            existing_server_default=None,
            modify_server_default=sa.DefaultClause(sa.text("now()")),
            existing_comment=None,
            modify_comment="who",
        ),
        [
            "changed type of column users.email: VARCHAR(50) -> TEXT",
            "changed nullability of column users.email: NULL -> NOT NULL",
            "changed default of column users.email: none -> now()",
            "changed comment of column users.email: None -> 'who'",
        ],
    ),
    "index": (ops.CreateIndexOp("ix_users", "users", ["email"]), ["added index ix_users on users"]),
    "dropped index": (ops.DropIndexOp("ix_users", "users"), ["removed index ix_users on users"]),
    "unique": (ops.CreateUniqueConstraintOp("uq", "users", ["email"]), ["added unique constraint uq on users"]),
    "foreign key": (
        ops.CreateForeignKeyOp(None, "posts", "users", ["user_id"], ["id"], source_schema="app"),
        ["added foreign key (unnamed) on app.posts"],
    ),
    "dropped constraint": (
        ops.DropConstraintOp("ck", "users", type_="check"),
        ["removed check constraint ck on users"],
    ),
    "comment": (
        ops.CreateTableCommentOp("users", "people", existing_comment=None),
        ["changed comment of table users: None -> 'people'"],
    ),
    "by a plugin": (ops.ExecuteSQLOp("select 1"), ["changed ExecuteSQLOp by a plugin on the database"]),
}


@pytest.mark.parametrize(("operation", "said"), CASES.values(), ids=CASES.keys())
def test_operations_are_told_in_the_manner_of_alembics_log(operation: ops.MigrateOperation, said: list[str]) -> None:
    found = differences_of([ops.UpgradeOps([ops.ModifyTableOps("users", [operation])])], DIALECT)
    assert [each.text for each in found] == said


def test_a_removed_and_an_added_column_of_the_same_type_look_like_a_rename() -> None:
    (rename,) = probable_renames([column(Change.ADDED, "mail"), column(Change.REMOVED, "email")])
    assert 'op.alter_column("users", "email", new_column_name="mail")' in rename.text


@pytest.mark.parametrize(
    "added",
    [
        column(Change.ADDED, "mail", "INTEGER"),
        column(Change.ADDED, "mail", table="posts"),
        column(Change.CHANGED, "mail"),
    ],
)
def test_another_type_another_table_or_a_change_is_no_rename(added: Difference) -> None:
    assert probable_renames([added, column(Change.REMOVED, "email")]) == ()


def test_each_added_column_is_paired_once() -> None:
    gone = [column(Change.REMOVED, "a"), column(Change.REMOVED, "b")]
    assert len(probable_renames([column(Change.ADDED, "c"), *gone])) == 1


def test_tables_with_the_same_columns_look_renamed() -> None:
    old = ops.DropTableOp.from_table(sa.Table("old", sa.MetaData(), sa.Column("id", sa.Integer)))
    new = ops.CreateTableOp("new", [sa.Column("id", sa.Integer)])
    (rename,) = probable_renames(differences_of([old, new], DIALECT))
    assert 'op.rename_table("old", "new")' in rename.text
