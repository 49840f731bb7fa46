"""Options of a revision are judged without executing its file; what cannot be known is left alone."""

from __future__ import annotations

from dataclasses import fields

import pytest

from migrator import RevisionOptions
from migrator.chain.constants import Constants
from migrator.chain.revision_options import read_options

IMPORT = "from migrator import RevisionOptions\n"


def problems(source: str) -> list[tuple[str, int]]:
    """Rule and line of each problem."""
    found = read_options("aaaa_step.py", (IMPORT + source).encode(), Constants(()))[0]
    return [(rule, line) for rule, line, *_ in found]


@pytest.mark.parametrize(
    "source",
    [
        "",
        "migrator = RevisionOptions(lock_timeout=limit())",
        "migrator = RevisionOptions(**limits())",
        "try:\n    migrator = RevisionOptions(resumable=True)\nexcept TypeError:\n    migrator = RevisionOptions()",
        "defaults = RevisionOptions(lock_timeout=1)\nmigrator = RevisionOptions(lock_timeout=defaults.lock_timeout)",
        "def upgrade():\n    other = RevisionOptions(lock_timeout='soon')",
        "this is (no Python",
    ],
)
def test_what_is_sound_or_cannot_be_known_is_no_finding(source: str) -> None:
    """The class itself judges computed values when the file is loaded."""
    assert problems(source) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("migrator = RevisionOptions(*limits())", [("invalid-options", 2)]),
        ("migrator = RevisionOptions(lock_timeout=True)", [("invalid-options", 2)]),
        ("migrator = RevisionOptions(\n    lock_timeout=None,\n    lock_budget='x',\n)", [("invalid-options", 4)]),
        ("if DEBUG:\n    migrator = RevisionOptions(wait=1)", [("invalid-options", 3)]),
        ("for n in range(3):\n    with x:\n        migrator = RevisionOptions(wait=1)", [("invalid-options", 4)]),
        ("match n:\n    case 1:\n        migrator = RevisionOptions(wait=1)", [("invalid-options", 4)]),
        ("options: RevisionOptions = RevisionOptions()", [("options-without-effect", 2)]),
        ("migrator = RevisionOptions", [("options-without-effect", 2)]),
        ("migrator = options()", [("options-without-effect", 2)]),
        ("migrator = None\nmigrator = RevisionOptions()", []),
    ],
)
def test_each_fault_is_found_where_it_stands(source: str, found: list[tuple[str, int]]) -> None:
    """Also in a branch and over several lines."""
    assert problems(source) == found


@pytest.mark.parametrize("name", [field.name for field in fields(RevisionOptions)])
def test_each_option_that_exists_is_known(name: str) -> None:
    """None is the profile's own limit; for resumable it is no value."""
    found = problems(f"migrator = RevisionOptions({name}=None)")
    assert found == ([("invalid-options", 2)] if name == "resumable" else [])


@pytest.mark.parametrize(
    ("declared", "reason"),
    [
        ('migrator = RevisionOptions(one_way="rows " + "merged")', "rows merged"),
        ('migrator = RevisionOptions(lock_timeout="5s")', None),
        ('other = RevisionOptions(one_way="rows merged")', None),
        ('migrator = RevisionOptions(one_way="a")\nmigrator = RevisionOptions()', None),
        ("migrator = RevisionOptions(one_way=' ')", None),
    ],
)
def test_the_reason_for_no_way_back_is_read(declared: str, reason: str | None) -> None:
    content = f"from migrator import RevisionOptions\n{declared}\n".encode()
    assert read_options("revision.py", content, Constants(()))[1] == reason
