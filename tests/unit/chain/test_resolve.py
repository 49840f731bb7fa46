"""What is typed on a command line, and what is said when it fits nothing."""

from __future__ import annotations

import pytest
from drawings import drawn

from migrator.chain.graph import is_ancestor
from migrator.chain.model import Chain
from migrator.chain.paths import downgrade_path, upgrade_path
from migrator.chain.resolve import resolve
from migrator.errors import UsageError

LINE = drawn("aaaa1 > bbbb2 > cccc3 > dddd4")
FORK = drawn("aaaa1 > bbbb2 > cccc3, aaaa1 > xxxx2 > yyyy3", labels={"bbbb2": "left", "xxxx2": "right"})


@pytest.mark.parametrize(
    ("chain", "symbol", "current", "expected"),
    [
        (LINE, "head", (), ("dddd4",)),
        (LINE, "heads", (), ("dddd4",)),
        (LINE, "base", (), ()),
        (LINE, "current", ("bbbb2",), ("bbbb2",)),
        (LINE, "cccc", (), ("cccc3",)),
        (LINE, "+1", (), ("aaaa1",)),
        (LINE, "+2", ("bbbb2",), ("dddd4",)),
        (LINE, "-1", ("bbbb2",), ("aaaa1",)),
        (LINE, "-2", ("bbbb2",), ()),
        (LINE, "-1", (), ("cccc3",)),
        (LINE, "head-1", (), ("cccc3",)),
        (LINE, "bbbb2+2", (), ("dddd4",)),
        (LINE, "bbbb2-1", (), ("aaaa1",)),
        (LINE, "aaaa1-1", (), ()),
        (FORK, "heads", (), ("cccc3", "yyyy3")),
        (FORK, "left@head", (), ("cccc3",)),
        (FORK, "left@-1", (), ("bbbb2",)),
        (FORK, "right@+1", ("aaaa1",), ("xxxx2",)),
        (FORK, "right@+1", ("cccc3",), ("xxxx2",)),
        (FORK, "right", (), ("xxxx2",)),
        (FORK, "right@yyyy", (), ("yyyy3",)),
    ],
)
def test_symbols(chain: Chain, symbol: str, current: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert resolve(chain, symbol, current=current) == expected


@pytest.mark.parametrize(
    ("chain", "symbol", "current", "message"),
    [
        (LINE, "bbbb3", (), "There is no revision or branch 'bbbb3'"),
        (LINE, "+9", (), "past the end"),
        (LINE, "-9", ("bbbb2",), "past the end"),
        (FORK, "head", (), "there are 2 heads"),
        (FORK, "aaaa1+1", (), "2 ways to go from aaaa1"),
        (FORK, "+1", ("cccc3", "yyyy3"), "on 2 revisions"),
        (FORK, "-1", ("cccc3", "yyyy3"), "on 2 revisions"),
        (FORK, "left@yyyy3", (), "not a member of branch 'left'"),
        (FORK, "middle@head", (), "There is no revision or branch 'middle'"),
    ],
)
def test_what_fits_nothing_is_told(chain: Chain, symbol: str, current: tuple[str, ...], message: str) -> None:
    with pytest.raises(UsageError, match=message) as refused:
        resolve(chain, symbol, current=current)
    assert refused.value.remedy or refused.value.where


def test_the_nearest_id_is_offered() -> None:
    with pytest.raises(UsageError) as refused:
        resolve(LINE, "bbbb3")
    assert refused.value.remedy == "Did you mean bbbb2?"


def test_wrong_directions_are_refused_with_the_right_command() -> None:
    with pytest.raises(UsageError) as backwards:
        upgrade_path(LINE, ["bbbb2"], "-1")
    with pytest.raises(UsageError) as forwards:
        downgrade_path(LINE, ["bbbb2"], "+1")
    assert (backwards.value.remedy, forwards.value.remedy) == (
        "Did you mean: migrator downgrade -1",
        "migrator upgrade +1",
    )


def test_rows_that_overlap_are_refused() -> None:
    with pytest.raises(UsageError, match="overlap"):
        upgrade_path(LINE, ["aaaa1", "cccc3"], "head")


def test_paths_of_a_line() -> None:
    assert [revision.id for revision in upgrade_path(LINE, ["bbbb2"], "head")] == ["cccc3", "dddd4"]
    assert [revision.id for revision in downgrade_path(LINE, ["cccc3"], "base")] == ["cccc3", "bbbb2", "aaaa1"]
    assert upgrade_path(LINE, ["dddd4"], "head") == ()


def test_ancestry() -> None:
    assert is_ancestor(FORK, "aaaa1", "yyyy3")
    assert not is_ancestor(FORK, "bbbb2", "yyyy3")
    assert not is_ancestor(FORK, "bbbb2", "bbbb2")


def test_paths_stay_linear_in_long_chains_and_wide_merges() -> None:
    count = 3000
    wide = drawn(
        ",".join(f"base > x{number:04d}" for number in range(count))
        + ","
        + "+".join(f"x{n:04d}" for n in range(count))
        + " > top"
    )
    assert len(upgrade_path(wide, [], "head")) == count + 2
    long = drawn(" > ".join(f"r{number:05d}" for number in range(20_000)))
    assert len(upgrade_path(long, [], "head")) == 20_000
    assert len(downgrade_path(long, ["r19999"], "base")) == 20_000
