"""How long a silent connection is believed in: what libpq's words say, and what is never lengthened."""

from __future__ import annotations

import pytest

from migrator.database.keepalive import Keepalive, keepalive_of, libpq_words, server_guard


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, Keepalive()),
        ({"keepalives": "0"}, Keepalive(wanted=False)),
        (
            {"keepalives_idle": "1", "keepalives_interval": "2", "keepalives_count": "4"},
            Keepalive(idle=1, interval=2, count=4),
        ),
        ({"keepalives_idle": "0", "keepalives_count": "many"}, Keepalive()),
    ],
)
def test_the_address_of_the_database_says_otherwise(options: dict[str, str], expected: Keepalive) -> None:
    assert keepalive_of(options) == expected


def test_what_the_address_says_is_left_to_it() -> None:
    words = libpq_words({"keepalives_idle": "60"})
    assert "keepalives_idle" not in words
    assert words["keepalives_interval"] == 5
    assert words["tcp_user_timeout"] == (60 + 3 * 5) * 1000
    assert libpq_words({"keepalives": "0"}) == {}


def test_a_client_that_is_gone_is_looked_for_even_where_keepalives_are_not_wanted() -> None:
    assert "client_connection_check_interval" in server_guard(Keepalive(wanted=False))
    assert "tcp_keepalives" not in server_guard(Keepalive(wanted=False))
