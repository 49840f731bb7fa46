"""Editing ``down_revision`` and ``Revises:`` leaves every other byte of a revision file alone."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from migrator.chain.writing import restore, with_parents, write_atomically
from migrator.errors import ChainError

TEMPLATE = '''"""Add a column.

Revision ID: bbb
Revises: aaa
Create Date: 2024-01-01

"""
from alembic import op

revision = "bbb"
{assignment}
branch_labels = None


def upgrade():
    op.execute("select 'aaa'")  # Revises: aaa
'''

FORMS = {
    "plain": ('down_revision = "aaa"', 'down_revision = "new"'),
    "single quotes stay": ("down_revision = 'aaa'", "down_revision = 'new'"),
    "annotated": ("down_revision: str | None = 'aaa'", "down_revision: str | None = 'new'"),
    "tuple": ('down_revision = ("aaa", "ccc")', 'down_revision = "new"'),
    "bare tuple": ('down_revision = "aaa", "ccc"', 'down_revision = "new"'),
    "tuple over lines": ('down_revision = (\n    "aaa",\n    "ccc",\n)  # joined', 'down_revision = "new"  # joined'),
    "list": ("down_revision = ['aaa']", "down_revision = 'new'"),
    "none takes the quotes of revision": ("down_revision = None", 'down_revision = "new"'),
    "comment stays": ('down_revision = "aaa"  # the "old" one', 'down_revision = "new"  # the "old" one'),
    "parenthesised": ('down_revision = (\n    "aaa"  # why\n)', 'down_revision = (\n    "new"  # why\n)'),
    "a name": ("down_revision = PARENT", 'down_revision = "new"'),
    "several targets": ('down_revision = parent = "aaa"', 'down_revision = parent = "new"'),
    "unpacked": ('down_revision, x = "aaa", "ü"', 'down_revision, x = "new", "ü"'),
    "last one counts": ('down_revision = "zzz"\ndown_revision = "aaa"', 'down_revision = "zzz"\ndown_revision = "new"'),
    "odd spacing": ("down_revision  =\t'aaa' ;depends_on = 'aaa'", "down_revision  =\t'new' ;depends_on = 'aaa'"),
    "after non-ASCII": ('x = "日本"; down_revision = "aaa"', 'x = "日本"; down_revision = "new"'),
}


@pytest.mark.parametrize(("before", "after"), FORMS.values(), ids=FORMS.keys())
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_only_the_value_and_the_revises_line_change(before: str, after: str, newline: str) -> None:
    content = TEMPLATE.format(assignment=before).replace("\n", newline).encode()
    expected = (
        TEMPLATE.format(assignment=after).replace("\nRevises: aaa", "\nRevises: new").replace("\n", newline).encode()
    )
    assert with_parents(content, ["new"]) == expected


def test_several_parents_become_a_tuple_and_a_list_in_the_docstring() -> None:
    changed = with_parents(TEMPLATE.format(assignment="down_revision = 'aaa'").encode(), ["one", "two"]).decode()
    assert "down_revision = ('one', 'two')" in changed
    assert "\nRevises: one, two\n" in changed


def test_no_parent_makes_a_base() -> None:
    changed = with_parents(TEMPLATE.format(assignment="down_revision = 'aaa'").encode(), []).decode()
    assert "down_revision = None\n" in changed
    assert "\nRevises: \n" in changed


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"""x\n\nRevises: a, b\n"""\n', '"""x\n\nRevises: new\n"""\n'),
        ('"""x\n\nRevises:\n"""\n', '"""x\n\nRevises: new\n"""\n'),
        ('"""x\n\nRevises: a"""\n', '"""x\n\nRevises: new"""\n'),
        ("r'''Revises: a'''\n", "r'''Revises: new'''\n"),
        ('"""x\n\n  Revises:   a  \n"""\n', '"""x\n\n  Revises:   new  \n"""\n'),
        ('"""No such line."""\n', '"""No such line."""\n'),
        ("", ""),
    ],
)
def test_docstring_forms(before: str, after: str) -> None:
    assert (
        with_parents(f"{before}down_revision = 'a'\n".encode(), ["new"]) == f"{after}down_revision = 'new'\n".encode()
    )


def test_byte_order_mark_and_coding_comment_stay() -> None:
    marked = b"\xef\xbb\xbf" + "# é\ndown_revision = 'a'\n".encode()
    assert with_parents(marked, ["new"]) == b"\xef\xbb\xbf" + "# é\ndown_revision = 'new'\n".encode()
    latin = "# -*- coding: latin-1 -*-\n# é\ndown_revision = 'a'\n".encode("latin-1")
    assert with_parents(latin, ["new"]) == latin.replace(b"'a'", b"'new'")


def test_an_id_with_quotes_and_backslashes_reads_back_as_itself() -> None:
    odd = "it's \"\\ odd"
    changed = with_parents(b"down_revision = 'a'\n", [odd])
    assert ast.literal_eval(changed.decode().removeprefix("down_revision = ").strip()) == odd


@pytest.mark.parametrize(
    "content",
    [
        b"revision = 'a'\n",
        b"def f():\n    down_revision = 'a'\n",
        b"down_revision = (\n",
        b"\xff\xfe",
        b"down_revision = 'a'\x00",
    ],
)
def test_what_cannot_be_edited_is_a_chain_error_that_names_the_file(content: bytes) -> None:
    with pytest.raises(ChainError) as caught:
        with_parents(content, ["new"], path="versions/x.py")
    assert caught.value.findings[0].path == "versions/x.py"


def test_an_id_that_the_encoding_cannot_hold_is_refused() -> None:
    with pytest.raises(ChainError):
        with_parents(b"# coding: latin-1\ndown_revision = 'a'\n", ["日本"])


def test_atomic_write_keeps_permissions_and_leaves_no_other_file(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    path.chmod(0o640)
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.py"]


def test_restore_puts_back_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"new")
    restore({path: b"old"})
    assert path.read_bytes() == b"old"
