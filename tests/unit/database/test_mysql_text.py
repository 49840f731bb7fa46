"""MariaDB's texts without the name of their database."""

from __future__ import annotations

import pytest

from migrator.database.snapshot.mysql.text import literal, quoted, unqualified


@pytest.mark.parametrize(
    ("sql", "wanted"),
    [
        ("select `app`.`t`.`id` AS `id` from `app`.`t`", "select `t`.`id` AS `id` from `t`"),
        ("select '`app`.' AS `app`", "select '`app`.' AS `app`"),
        ("select `other`.`t`.`app` from `other`.`t`", "select `other`.`t`.`app` from `other`.`t`"),
        ("nextval(`app`.`sq`)", "nextval(`sq`)"),
        ("1 + 1", "1 + 1"),
    ],
)
def test_unqualified(sql: str, wanted: str) -> None:
    assert unqualified(sql, "app") == wanted


def test_names_and_texts_with_their_own_quotes() -> None:
    assert quoted("or`der") == "`or``der`"
    assert literal("it's \\") == "'it''s \\\\'"
