"""Rows that a project gives for its revisions: read from its file, inserted, refused with file and revision."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from filled_tables import Tables

from migrator.errors import ConfigurationError
from migrator.verification.rows.custom import CustomRow, read_custom_rows

REVISIONS = ("aaa111", "bbb222")


def project(folder: Path, rows: str) -> Path:
    (folder / "pyproject.toml").write_text('[tool.migrator]\nverify_rows = "rows.py"\n')
    (folder / "rows.py").write_text(rows)
    return folder


def test_dictionaries_of_pytest_alembic_are_read(tmp_path: Path) -> None:
    root = project(
        tmp_path,
        "import datetime\n"
        'before_revision_data = {"bbb222": {"__tablename__": "app.users", "id": 1}}\n'
        'at_revision_data = {"aaa111": [{"__tablename__": "users", "born": datetime.date(2000, 1, 1)}, '
        '{"__tablename__": "tags"}]}\n',
    )
    rows = read_custom_rows(root, REVISIONS)
    assert rows.path == str(tmp_path / "rows.py")
    assert rows.before == {"bbb222": (CustomRow("bbb222", "app", "users", {"id": 1}),)}
    assert rows.at == {
        "aaa111": (
            CustomRow("aaa111", None, "users", {"born": date(2000, 1, 1)}),
            CustomRow("aaa111", None, "tags", {}),
        )
    }


def test_without_a_declaration_there_are_none(tmp_path: Path) -> None:
    assert read_custom_rows(tmp_path, REVISIONS).before == {}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("at_revision_data = {'ccc333': []}", "there is no revision 'ccc333'"),
        ("at_revision_data = {'aaa111': [{'id': 1}]}", "at_revision_data['aaa111']: a row is a dictionary"),
        ("before_revision_data = {'aaa111': 5}", "before_revision_data['aaa111']: a row is a dictionary"),
        ("at_revision_data = []", "at_revision_data is no dictionary"),
        ("other = 1", "neither before_revision_data nor at_revision_data"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, rows: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_custom_rows(project(tmp_path, rows), REVISIONS)
    assert said in "\n".join((refused.value.message, *refused.value.details))
    assert refused.value.where == str(tmp_path / "rows.py")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    (project(tmp_path, "") / "rows.py").unlink()
    with pytest.raises(ConfigurationError, match="names no file"):
        read_custom_rows(tmp_path, REVISIONS)


def test_python_values_are_inserted_as_they_are_meant(tables: Tables) -> None:
    tables.run("CREATE TABLE t (id int, b bool, d date, m timestamptz, j jsonb, a text[], x bytea, n numeric, s text)")
    row = {
        "id": 1,
        "b": True,
        "d": date(2020, 2, 3),
        "m": datetime(2020, 2, 3, 4, 5, tzinfo=UTC),
        "j": {"k": [1, None]},
        "a": ["it's", None, 'a "b"'],
        "x": b"\x00\xff",
        "n": 1.5,
        "s": None,
    }
    assert tables.keeper.insert([CustomRow("aaa111", tables.schema, "t", row)], "rows.py") == {(tables.schema, "t")}
    tables.run("SET timezone = 'UTC'")
    assert tables.rows("t") == [
        {"id": "1", "b": "true", "d": "2020-02-03", "m": "2020-02-03 04:05:00+00", "j": '{"k": [1, null]}'}
        | {"a": '{it\'s,NULL,"a \\"b\\""}', "x": "\\x00ff", "n": "1.5", "s": None}
    ]


@pytest.mark.parametrize(
    ("table", "values", "said"),
    [
        ("nowhere", {}, "there is no such table at this revision"),
        ("t", {"missing": 1}, "it has no column missing"),
        ("t", {"id": "abc"}, "invalid input syntax"),
    ],
)
def test_a_row_that_the_database_refuses_names_file_and_revision(
    tables: Tables, table: str, values: dict[str, object], said: str
) -> None:
    tables.run("CREATE TABLE t (id int)")
    with pytest.raises(ConfigurationError) as refused:
        tables.keeper.insert([CustomRow("aaa111", tables.schema, table, values)], "migrations/rows.py")
    assert said in refused.value.message
    assert "aaa111" in refused.value.message
    assert refused.value.where == "migrations/rows.py"
