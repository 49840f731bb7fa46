from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.database.ledger.journal import JournalEntry
from migrator.execution.replay import Judgement, Replay, Verdict

RUN, SKIP, DOUBT, STOP = Verdict.RUN, Verdict.SKIP, Verdict.DOUBT, Verdict.STOP


def entry(text: str, values: str = "", *, done: bool = True, returns_rows: bool = False) -> JournalEntry:
    return JournalEntry(
        statement=text,
        text_digest=text,
        digest=text + values,
        is_done=done,
        returns_rows=returns_rows,
        row_count=7,
        checksum="as it was",
    )


def judged(replay: Replay, text: str, values: str = "") -> Judgement:
    return replay.judge(text_digest=text, digest=text + values, verb=text.partition(" ")[0])


def verdicts(entries: Iterable[JournalEntry], statements: Sequence[str], *, checksum: str = "as it was") -> list[str]:
    replay = Replay(entries, checksum=checksum)
    found = []
    for statement in statements:
        text, _, values = statement.partition("|")
        found.append(judged(replay, text, values).verdict)
        if found[-1] is STOP:
            return found
    return [*found, replay.conclude().verdict]


def test_what_took_effect_is_not_run_again_and_what_follows_is() -> None:
    cut = [entry("CREATE TABLE a"), entry("CREATE TABLE b")]
    assert verdicts(cut, ["CREATE TABLE a", "CREATE TABLE b", "CREATE TABLE c"]) == [SKIP, SKIP, RUN, RUN]


def test_a_statement_without_an_end_is_for_the_catalog_to_decide() -> None:
    cut = [entry("CREATE TABLE a"), entry("CREATE INDEX", done=False)]
    assert verdicts(cut, ["CREATE TABLE a", "CREATE INDEX"]) == [SKIP, DOUBT, RUN]


def test_a_revision_that_looks_for_itself_may_pass_over_what_is_done() -> None:
    cut = [entry("ALTER a"), entry("ALTER b"), entry("ALTER c", done=False)]
    assert verdicts(cut, ["ALTER b", "ALTER c", "ALTER d"]) == [SKIP, DOUBT, RUN, RUN]
    assert verdicts(cut, ["ALTER d"]) == [RUN, RUN]


def test_equal_statements_in_a_loop_are_counted() -> None:
    cut = [entry("UPDATE t SET done"), entry("UPDATE t SET done")]
    assert verdicts(cut, ["UPDATE t SET done"] * 3) == [SKIP, SKIP, RUN, RUN]


def test_a_loop_that_asks_for_the_rest_goes_on_with_the_rest() -> None:
    cut = [entry("UPDATE t WHERE id", "1"), entry("UPDATE t WHERE id", "2")]
    assert verdicts(cut, ["UPDATE t WHERE id|3", "UPDATE t WHERE id|4", "ALTER t"]) == [RUN, RUN, RUN, RUN]


def test_rows_with_other_values_are_not_inserted_beside_those_that_are_there() -> None:
    cut = [entry("INSERT INTO t", "random 1")]
    assert verdicts(cut, ["INSERT INTO t|random 2"]) == [STOP]


def test_rows_that_follow_those_that_are_there_are_inserted() -> None:
    cut = [entry("INSERT INTO t", "1"), entry("INSERT INTO t", "2")]
    assert verdicts(cut, ["INSERT INTO t|1", "INSERT INTO t|2", "INSERT INTO t|3"]) == [SKIP, SKIP, RUN, RUN]


def test_rows_that_a_statement_returned_cannot_be_given_again() -> None:
    assert verdicts([entry("INSERT RETURNING", returns_rows=True)], ["INSERT RETURNING"]) == [STOP]


def test_a_file_that_was_corrected_behind_what_took_effect_goes_on() -> None:
    cut = [entry("CREATE TABLE a")]
    assert verdicts(cut, ["CREATE TABLE a", "CREATE TABLE corrected"], checksum="edited") == [SKIP, RUN, RUN]


@pytest.mark.parametrize("statements", [["CREATE TABLE other"], []])
def test_a_file_that_lost_what_took_effect_stops(statements: list[str]) -> None:
    assert verdicts([entry("CREATE TABLE a")], statements, checksum="edited")[-1] is STOP


def test_the_count_of_rows_comes_with_the_verdict() -> None:
    judgement = judged(Replay([entry("UPDATE")], checksum="as it was"), "UPDATE")
    assert judgement.entry is not None
    assert judgement.entry.row_count == 7


@given(st.lists(st.sampled_from(["A", "B", "C"]), max_size=8), st.integers(min_value=0, max_value=8))
def test_wherever_the_same_program_is_cut_each_statement_takes_effect_once(program: list[str], cut_at: int) -> None:
    done = [entry(text) for text in program[:cut_at]]
    found = verdicts(done, program)
    assert found == [SKIP] * len(done) + [RUN] * (len(program) - len(done)) + [RUN]
