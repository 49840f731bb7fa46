"""What a revision file may declare about how it is run."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import FrozenInstanceError, fields
from typing import Any

import pytest

from migrator import RevisionOptions


def test_nothing_declared_leaves_everything_to_the_profile() -> None:
    """No limit is set, and a cut revision is not simply run again."""
    options = RevisionOptions()
    assert [getattr(options, field.name) for field in fields(options)] == [None, None, None, None, False, None, None]


@pytest.mark.parametrize(
    ("written", "seconds"),
    [(5, 5.0), (0, 0.0), (0.5, 0.5), ("500ms", 0.5), ("5s", 5.0), ("5", 5.0), ("2min", 120.0), ("2 MIN", 120.0)],
)
@pytest.mark.parametrize("name", ["lock_timeout", "statement_timeout", "lock_budget", "victim_budget"])
def test_length_of_time_is_kept_in_seconds(name: str, written: float | str, seconds: float) -> None:
    """However it is written."""
    given: dict[str, Any] = {name: written}
    assert getattr(RevisionOptions(**given), name) == seconds


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"lock_timeout": "soon"}, ValueError, "lock_timeout is 'soon', which is no length of time; write it like"),
        ({"lock_timeout": ""}, ValueError, "no length of time"),
        ({"lock_timeout": "-1s"}, ValueError, "no length of time"),
        ({"lock_timeout": "٣s"}, ValueError, "no length of time"),
        ({"lock_budget": -1}, ValueError, "write 0 or a positive number of seconds"),
        ({"lock_budget": float("nan")}, ValueError, "write 0 or a positive number of seconds"),
        ({"victim_budget": float("inf")}, ValueError, "write 0 or a positive number of seconds"),
        ({"statement_timeout": True}, TypeError, "write a number of seconds, or a text such as"),
        ({"statement_timeout": ("5s",)}, TypeError, "write a number of seconds, or a text such as"),
        ({"resumable": "yes"}, TypeError, "resumable is 'yes'; write True or False"),
        ({"lock_timout": "5s"}, TypeError, "lock_timout"),
    ],
)
def test_what_is_no_option_is_refused(given: dict[str, Any], error: type[Exception], says: str) -> None:
    """With a sentence that says what to write."""
    with pytest.raises(error, match=re.escape(says)):
        RevisionOptions(**given)


def test_options_are_named_and_do_not_change() -> None:
    """A bare value would not say which limit is meant."""
    with pytest.raises(TypeError):
        RevisionOptions("5s")  # type: ignore[call-arg]
    with pytest.raises(FrozenInstanceError):
        RevisionOptions(lock_timeout="5s").lock_timeout = 1.0  # type: ignore[misc]
    assert RevisionOptions(lock_timeout="5s") == RevisionOptions(lock_timeout=5)


def test_package_itself_stays_light() -> None:
    """Whoever imports the package for its version does not read the options."""
    program = (
        "import sys, migrator; assert 'migrator.revision_options' not in sys.modules;"
        "from migrator import RevisionOptions; print(RevisionOptions(lock_timeout='5s'))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.startswith("RevisionOptions(lock_timeout=5.0,")


def test_reasons_are_kept_without_the_blanks_around_them() -> None:
    options = RevisionOptions(one_way=" rows were merged ", loses_data="the old column is not read any more")
    assert (options.one_way, options.loses_data) == ("rows were merged", "the old column is not read any more")


@pytest.mark.parametrize("name", ["one_way", "loses_data"])
def test_a_reason_has_to_say_something(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} gives no reason"):
        RevisionOptions(**{name: "  "})
    with pytest.raises(TypeError, match=f"{name} is True"):
        RevisionOptions(**{name: True})
