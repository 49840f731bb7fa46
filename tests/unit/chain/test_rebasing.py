"""Which revisions may be put where, decided without files, git or a database."""

from __future__ import annotations

import pytest

from migrator.chain.model import Chain, Revision
from migrator.chain.rebasing import Known, plan_rebase
from migrator.errors import Refused, UsageError


def chain(**parents: str) -> Chain:
    """``chain(a="", b="a", m="a b")``: each revision with its parents."""
    return Chain({id_: Revision(id=id_, parents=tuple(names.split())) for id_, names in parents.items()})


FORK = chain(base1="", main1="base1", mine1="base1", mine2="mine1")


def test_the_only_other_head_is_the_goal_and_descendants_move_along() -> None:
    planned = plan_rebase(FORK, "mine1", onto=None, known=Known())
    assert (planned.onto, planned.carried, planned.is_empty) == ("main1", ("mine2",), False)


def test_a_revision_that_is_there_already_has_nothing_to_do() -> None:
    assert plan_rebase(FORK, "main1", onto="base1", known=Known()).is_empty
    assert plan_rebase(chain(base1="", next1="base1"), "next1", onto=None, known=Known()).is_empty


def test_a_line_is_not_torn_in_two_unless_onto_says_so() -> None:
    with pytest.raises(UsageError, match="stay behind") as caught:
        plan_rebase(FORK, "mine2", onto=None, known=Known())
    assert "migrator rebase mine1" in str(caught.value.remedy)
    assert plan_rebase(FORK, "mine2", onto="main1", known=Known()).carried == ()


def test_what_is_left_behind_but_published_is_no_reason_to_refuse() -> None:
    forked = chain(base1="", main1="base1", side1="base1", mine1="side1")
    known = Known(published={"base1", "main1", "side1"}, base="main")
    assert plan_rebase(forked, "mine1", onto=None, known=known).onto == "main1"


@pytest.mark.parametrize("goal", ["mine1", "mine2"])
def test_a_revision_is_not_put_on_itself_or_on_its_descendants(goal: str) -> None:
    with pytest.raises(UsageError, match="cannot be put on"):
        plan_rebase(FORK, "mine1", onto=goal, known=Known())


@pytest.mark.parametrize("published", ["mine1", "mine2"])
def test_published_revisions_stay(published: str) -> None:
    with pytest.raises(Refused, match="published") as caught:
        plan_rebase(FORK, "mine1", onto=None, known=Known(published={"base1", "main1", published}, base="origin/main"))
    assert "migrator merge heads" in str(caught.value.remedy)


@pytest.mark.parametrize("applied", ["mine1", "mine2"])
def test_applied_revisions_stay(applied: str) -> None:
    with pytest.raises(Refused, match=r"applied in db\.example") as caught:
        plan_rebase(FORK, "mine1", onto=None, known=Known(applied={applied: "db.example"}))
    assert caught.value.remedy == "take it back first: migrator downgrade base1"


def test_several_other_heads_need_onto() -> None:
    forked = chain(base1="", one1="base1", two1="base1", mine1="base1")
    with pytest.raises(UsageError, match="2 other heads"):
        plan_rebase(forked, "mine1", onto=None, known=Known())
    assert plan_rebase(forked, "mine1", onto="two1", known=Known()).onto == "two1"


def test_a_merge_is_not_moved() -> None:
    merged = chain(base1="", one1="base1", two1="base1", join1="one1 two1", other1="base1")
    with pytest.raises(UsageError, match="merge"):
        plan_rebase(merged, "join1", onto=None, known=Known())


def test_an_unknown_revision_is_a_usage_error_with_the_nearest_id() -> None:
    with pytest.raises(UsageError) as caught:
        plan_rebase(FORK, "mine3", onto=None, known=Known())
    assert "mine" in str(caught.value.remedy)
