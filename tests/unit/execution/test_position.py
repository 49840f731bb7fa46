"""Where a database stands, decided from values alone."""

from __future__ import annotations

import pytest

from migrator.chain.model import Chain, Direction, Revision
from migrator.chain.operations import Operation
from migrator.database.state import DatabaseState
from migrator.errors import AheadOfCode, Refused, VerificationFailed
from migrator.execution.planning import Plan, plan_move
from migrator.execution.policy import require_tables_free
from migrator.execution.position import Standing, heads_after, position_of
from migrator.execution.stamping import stamped_rows


def chain(drawing: str) -> Chain:
    """``a, b:a, c:a, m:b+c, d:b~c`` -> revisions; ``~`` separates what they depend on."""
    revisions = {}
    for part in drawing.split(", "):
        id_, _, rest = part.partition(":")
        parents, _, depends = rest.partition("~")
        revisions[id_] = Revision(
            id=id_,
            parents=tuple(filter(None, parents.split("+"))),
            depends_on=tuple(filter(None, depends.split("+"))),
        )
    return Chain(revisions)


def state(*rows: str, tables: tuple[str, ...] = (), exists: bool = True) -> DatabaseState:
    return DatabaseState(rows=rows, version_table_exists=exists, tables=tables, location="postgresql://db/app")


LINE = chain("a, b:a, c:b")
DIAMOND = chain("a, b:a, c:a, m:b+c")


@pytest.mark.parametrize(
    ("found", "standing", "pending"),
    [
        (state(exists=False), Standing.EMPTY, ["a", "b", "c"]),
        (state(tables=("users",)), Standing.UNSTAMPED, ["a", "b", "c"]),
        (state("a"), Standing.BEHIND, ["b", "c"]),
        (state("c"), Standing.AT_HEAD, []),
        (state("z"), Standing.AHEAD, []),
        (state("b", "z"), Standing.DIVERGED, []),
    ],
)
def test_each_state_has_a_name(found: DatabaseState, standing: Standing, pending: list[str]) -> None:
    position = position_of(LINE, found)
    assert (position.standing, [each.id for each in position.pending]) == (standing, pending)


def test_two_rows_where_one_is_expected_are_told_apart_from_two_branches() -> None:
    assert position_of(LINE, state("a", "c")).redundant == ("a",)
    assert position_of(DIAMOND, state("b", "c")).redundant == ()


def test_a_dependency_counts_as_applied_with_whoever_depends_on_it() -> None:
    joined = chain("a, b, c:b~a")
    assert heads_after(joined, (), joined.revisions.values(), upgrade=True) == ("c",)
    assert position_of(joined, state("c")).standing is Standing.AT_HEAD


def test_plan_says_what_the_version_table_will_hold() -> None:
    plan = plan_move(DIAMOND, state("a"), Direction.UPGRADE, "heads")
    assert ([each.id for each in plan.steps][-1], plan.after) == ("m", ("m",))
    back = plan_move(DIAMOND, state("m"), Direction.DOWNGRADE, "b")
    assert back.after == ("b", "c")


def test_nothing_is_planned_from_rows_that_this_code_does_not_know() -> None:
    with pytest.raises(AheadOfCode, match="z, which this code does not know"):
        plan_move(LINE, state("z"), Direction.UPGRADE, "heads")
    with pytest.raises(VerificationFailed, match="diverged"):
        plan_move(LINE, state("b", "z"), Direction.UPGRADE, "heads")
    with pytest.raises(Refused) as refused:
        plan_move(LINE, state("a", "c"), Direction.UPGRADE, "heads")
    assert refused.value.remedy == "migrator stamp --purge c"


def operations(**tables: str) -> dict[str, list[Operation]]:
    return {id_: [Operation(kind="create_table", table=table)] for id_, table in tables.items()}


def test_tables_in_the_way_of_an_unstamped_database_are_named() -> None:
    plan = plan_move(LINE, state(tables=("posts", "users")), Direction.UPGRADE, "heads")
    assert isinstance(plan, Plan)
    with pytest.raises(Refused, match=r"already has users, which the plan would create \(users in a\)"):
        require_tables_free(plan, state(tables=("posts", "users")), operations(a="users"))
    require_tables_free(plan, state(tables=("spatial_ref_sys",)), operations(a="users"))


@pytest.mark.parametrize(
    ("rows", "targets", "after"),
    [
        ((), ("c",), ("c",)),
        (("a",), ("c",), ("c",)),
        (("c",), ("a",), ("a",)),
        (("c",), (), ()),
    ],
)
def test_stamp_replaces_the_row_of_the_same_line(
    rows: tuple[str, ...], targets: tuple[str, ...], after: tuple[str, ...]
) -> None:
    assert stamped_rows(LINE, rows, targets) == after


def test_stamp_leaves_another_branch_alone() -> None:
    two = chain("a, b:a, x, y:x")
    assert stamped_rows(two, ("b", "x"), ("y",)) == ("b", "y")
