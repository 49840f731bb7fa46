"""Which tables' rows a step may have changed, from the text of its statements."""

from __future__ import annotations

import pytest

from migrator.verification.roundtrips.touching import changed_rows, together

KNOWN = frozenset({("public", "users"), ("shop", "users"), ("public", "pets")})
USERS = frozenset({("public", "users"), ("shop", "users")})


@pytest.mark.parametrize(
    ("statements", "tables"),
    [
        ([], frozenset()),
        (["SELECT * FROM users", "ALTER TABLE users ADD COLUMN x int"], frozenset()),
        (["UPDATE users SET x = 1"], USERS),
        (["INSERT INTO shop.users (x) VALUES (1)"], frozenset({("shop", "users")})),
        (["CREATE TABLE pets (id int)"], frozenset({("public", "pets")})),
        (["CREATE TABLE fresh (id int)"], frozenset()),
        (["UPDATE pets SET x = 1", "UPDATE shop.users SET x = 1"], frozenset({("public", "pets"), ("shop", "users")})),
        (["DELETE FROM pets"], None),
        (["TRUNCATE pets"], None),
        (["SELECT setval('s', 1)"], None),
        (["UPDATE pets SET x = 1", "DO $$ BEGIN END $$"], None),
        (["no SQL at all ("], None),
    ],
)
def test_tables_of_statements(statements: list[str], tables: frozenset[tuple[str, str]] | None) -> None:
    assert changed_rows(statements, "postgresql", KNOWN) == tables


def test_what_cannot_be_told_makes_all_of_it_unknown() -> None:
    assert together(USERS, frozenset({("public", "pets")})) == KNOWN
    assert together(USERS, None) is None
    assert together() == frozenset()
