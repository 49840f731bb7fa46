"""Values that may fulfil a condition, made from what stands in it; pure."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.verification.rows.candidates import candidates, constants
from migrator.verification.rows.facts import Form, TypeFacts
from migrator.verification.rows.patterns import matching

INTEGER = TypeFacts(name="int4", spelled="integer")
TEXT = TypeFacts(name="text", spelled="text")


@pytest.mark.parametrize(
    "pattern",
    [
        "^[A-Z]{3}-[0-9]{7}$",
        r"^[^@\s]+@[^@\s]+\.[a-z]+$",
        r"^\+?[1-9]\d{1,14}$",
        "^(draft|live)(-v[0-9]+)?$",
        "^#[0-9a-fA-F]{6}$",
        "^[a-z0-9]+(?:-[a-z0-9]+)*$",
        "^https?://[^/]+/.*$",
        r"^\w{2,}\.\S$",
        "^[]a]{2,}[a-]$",
        "^(a(b|c){2}|d)+?$",
    ],
)
def test_texts_match_the_expression_that_they_are_made_from(pattern: str) -> None:
    texts = matching(pattern)
    assert len(texts) > 1
    assert [each for each in texts if not re.search(pattern, each)] == []


def test_classes_of_posix() -> None:
    assert all(re.fullmatch("[a-z_][a-z0-9_]{3}", each) for each in matching("^[[:alpha:]_][[:alnum:]_]{3}$"))


@pytest.mark.parametrize("pattern", ["(?=x)y", "[a-z", "a)b", "(a", "a\\", "[[:alpha:"])
def test_what_is_not_understood_gives_nothing(pattern: str) -> None:
    assert matching(pattern) == ()


@given(st.text(alphabet="ab1[]()\\|^$.*+?{}-:,=<", max_size=12))
def test_any_text_is_read_without_an_error(pattern: str) -> None:
    assert isinstance(matching(pattern), tuple)


def test_constants_are_texts_and_numbers_quoted_or_not() -> None:
    expression = "((price > (0)::numeric) AND (status = ANY (ARRAY['it''s'::text, '-1.5'])) AND (c2 < 7))"
    quoted, numbers = constants(expression)
    assert quoted == ("it's", "-1.5")
    assert [str(each) for each in numbers] == ["0", "7", "-1.5"]


def test_numbers_near_a_bound_are_tried_after_the_usual_one() -> None:
    tried = candidates(INTEGER, ["1000001"], ["(a > 17) AND (a <= 65)"])
    assert tried[0] == "1000001"
    assert {"16", "17", "18", "41", "64", "65", "66"} <= set(tried)


def test_what_the_type_cannot_hold_is_not_tried() -> None:
    short = TypeFacts(name="varchar", spelled="character varying(5)", length=5)
    assert all(len(each) <= 5 for each in candidates(short, ["abcde"], ["length(a) > 3 OR a = 'much longer'"]))
    small = TypeFacts(name="int2", spelled="smallint")
    assert all(abs(int(each)) < 2**15 for each in candidates(small, ["1001"], ["a <> 99999"]))


def test_of_an_enum_its_labels_are_tried() -> None:
    mood = TypeFacts(name="mood", spelled="mood", form=Form.ENUM, labels=("a", "b", "c"))
    assert candidates(mood, ["a"], ["m <> 'a'"]) == ("a", "b", "c")


def test_texts_of_the_lengths_that_a_condition_names() -> None:
    lengths = {len(each) for each in candidates(TEXT, ["usual"], ["char_length(a) >= 250"])}
    assert {249, 250, 251} <= lengths
