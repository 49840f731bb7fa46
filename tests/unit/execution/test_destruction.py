"""What a plan destroys on a protected profile is named, and refused unless somebody agreed to just that."""

from __future__ import annotations

from dataclasses import replace

from migrator.chain.model import Direction, Revision
from migrator.chain.operations import Operation
from migrator.database.estimates import Estimates, TableName
from migrator.errors import ExitCode, Refused
from migrator.execution.destruction import agreement_to, losses_of, objection
from migrator.execution.planning import Plan
from migrator.profiles.model import Profile

PROTECTED = Profile(name="prod", source="file", protected=True)
STEPS = tuple(Revision(id=id_, path=f"{id_}.py") for id_ in "ab")
PLAN = Plan(direction=Direction.UPGRADE, target="heads", before=(), after=("b",), steps=STEPS, location="here")
DROP_USERS = Operation(kind="drop_table", table="users", line=9, summary="drop table users", destructive=True)
DROP_TYPE = Operation(kind="execute", line=5, summary="execute DROP TYPE kind", destructive=True)
CREATE = Operation(kind="create_table", table="posts", line=7, summary="create table posts")


def refused(
    plan: Plan = PLAN,
    operations: dict[str, list[Operation]] | None = None,
    *,
    profile: Profile | None = PROTECTED,
    agreed: frozenset[tuple[str, str]] = frozenset(),
) -> Refused | None:
    """The objection to a plan, with ``users`` of 1,200,000 rows."""
    losses = losses_of(plan, {"a": [CREATE], "b": [DROP_USERS, DROP_TYPE]} if operations is None else operations)
    return objection(
        profile, plan, losses, lambda: Estimates({TableName("users"): 1_200_000}, complete=True), agreed=agreed
    )


def test_each_loss_has_its_place_and_the_size_of_its_table() -> None:
    """Where the file does not tell the table, what is executed stands for itself."""
    error = refused()
    assert error is not None
    assert error.exit_code is ExitCode.REFUSED
    assert error.message == "profile 'prod' is protected: it refuses a destructive plan"
    assert error.details == (
        "b.py:9: b: drop table users: users (about 1,200,000 rows)",
        "b.py:5: b: execute DROP TYPE kind",
    )


def test_an_upgrade_that_destroys_nothing_is_nobodys_concern() -> None:
    """Nor is one of a database that nothing protects; no server is asked for figures then."""
    losses = losses_of(PLAN, {"a": [CREATE]})

    def not_asked() -> Estimates:
        raise AssertionError

    assert objection(PROTECTED, PLAN, losses, not_asked, agreed=frozenset()) is None
    assert refused(profile=replace(PROTECTED, protected=False)) is None
    assert refused(profile=None) is None


def test_a_downgrade_is_refused_whatever_it_does() -> None:
    """And says what it drops."""
    back = replace(PLAN, direction=Direction.DOWNGRADE)
    for operations, details in (({}, ()), ({"b": [DROP_TYPE]}, ("b.py:5: b: execute DROP TYPE kind",))):
        error = refused(back, operations)
        assert error is not None
        assert (error.message, error.details) == (
            "profile 'prod' is protected: it refuses a downgrade",
            details,
        )
    assert refused(replace(back, steps=())) is None


def test_agreement_holds_for_what_was_shown_and_nothing_else() -> None:
    """Neither for a revision that was not among it nor for another database."""
    shown = agreement_to([PLAN])
    assert refused(agreed=shown) is None
    error = refused(operations={"a": [DROP_TYPE], "b": [DROP_USERS]}, agreed=frozenset({("here", "b")}))
    assert error is not None
    assert error.details == ("a.py:5: a: execute DROP TYPE kind",)
    assert refused(replace(PLAN, location="elsewhere"), agreed=shown) is not None
    back = replace(PLAN, direction=Direction.DOWNGRADE)
    assert refused(back, {}, agreed=frozenset({("here", "b")})) is not None
    assert refused(back, {}, agreed=shown) is None


def test_of_many_losses_the_first_are_named() -> None:
    """And the rest counted."""
    error = refused(operations={"a": [DROP_TYPE] * 23})
    assert error is not None
    assert (len(error.details), error.details[-1]) == (21, "and 3 more")
