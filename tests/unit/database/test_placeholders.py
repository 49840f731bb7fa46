"""Parameters are written ``?`` everywhere, and only where they are parameters."""

from __future__ import annotations

import pytest

from migrator.database.placeholders import Style, translate


@pytest.mark.parametrize(
    ("style", "written"),
    [
        ("?", "SELECT ?, ?"),
        ("%s", "SELECT %s, %s"),
        ("$1", "SELECT $1, $2"),
        (":1", "SELECT :1, :2"),
    ],
)
def test_each_driver_gets_its_own_words(style: Style, written: str) -> None:
    assert translate("SELECT ?, ?", style) == written


@pytest.mark.parametrize(
    "piece", ["'a?''?'", '"a?"', "`a?`", "-- why?\n", "/* a ? */", "$$ a ? $$", "$x$ a ? $$ $x$", "E'?'"]
)
def test_quotes_and_comments_hold_no_parameters(piece: str) -> None:
    assert translate(f"SELECT {piece} + ?", "$1") == f"SELECT {piece} + $1"


def test_percent_signs_are_doubled_for_those_who_read_them() -> None:
    assert translate("SELECT 'a%' LIKE ? AND 5 % 2", "%s") == "SELECT 'a%%' LIKE %s AND 5 %% 2"
    assert translate("SELECT 'a%' LIKE ?", "$1") == "SELECT 'a%' LIKE $1"
