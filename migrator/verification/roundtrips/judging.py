"""From what a round trip showed to findings. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from migrator.chain.model import Body, Revision
from migrator.chain.rules import round_trips as rules
from migrator.chain.rules.judgement import judge
from migrator.database.snapshot.comparing import Change, Difference
from migrator.database.snapshot.grouping import told_together
from migrator.database.snapshot.words import describe
from migrator.findings import Finding, RuleInfo, Severity
from migrator.verification.roundtrips.forgiving import excuse
from migrator.verification.roundtrips.suggesting import lines_for_newer_rows, missing_lines
from migrator.verification.rows.contents import RowDifference
from migrator.verification.rows.loosening import Loosening

_NOTHING: Final = "Nothing, unless it matters here."
_WORDS = {
    Change.ADDED: (rules.DOWNGRADE_LEAVES, "leaves behind"),
    Change.REMOVED: (rules.DOWNGRADE_LOSES, "loses"),
    Change.CHANGED: (rules.DOWNGRADE_CHANGES, "does not restore"),
}


@dataclass(frozen=True, slots=True)
class Failure:
    """What a step raised, in words."""

    message: str
    line: int | None
    """In the revision's file."""


def upgrade_failed(
    revision: Revision, failure: Failure, *, on_data: bool = False, base_table: str | None = None
) -> Finding:
    """``upgrade()`` raised.

    Args:
        revision: that went up.
        failure: what it raised.
        on_data: it works on empty tables.
        base_table: what it did not find, where no revision has made a table so far; None: something else is wrong.

    """
    if base_table is not None:
        return _history_without_base(revision, failure, base_table)
    rule = rules.UPGRADE_FAILS_ON_DATA if on_data else rules.UPGRADE_FAILS
    where = " when its tables hold rows" if on_data else ""
    message = f"upgrade() of {_named(revision)} fails{where}: {failure.message}"
    return _at(rule, revision, failure.line or revision.line, message)


def _history_without_base(revision: Revision, failure: Failure, table: str) -> Finding:
    return _at(
        rules.UPGRADE_FAILS,
        revision,
        failure.line or revision.line,
        f"upgrade() of {_named(revision)} fails, since no revision makes the table {table}: {failure.message}",
        cause="The history does not build its own base tables, which something else has made, such as create_all(): "
        "no new database can be made from it. --last and --since do not help: what stands below is applied for them.",
        remedy=f"Add a revision with down_revision = None that makes {table} and all other tables of that time, and "
        f"let {revision.id} stand on it. Databases at {revision.id} or later need nothing; one with these tables and "
        "no version: migrator adopt",
    )


def upgrade_failed_alone(revision: Revision, failure: Failure) -> Finding:
    """``upgrade()`` raised in a run of its own, and not in one that also applied what is below it."""
    message = f"upgrade() of {_named(revision)} fails on a database that is at its parent: {failure.message}"
    return _at(rules.UPGRADE_NEEDS_SAME_RUN, revision, failure.line or revision.line, message)


def downgrade_failed(revision: Revision, failure: Failure, *, on_data: bool) -> Finding:
    """``downgrade()`` raised, and not on purpose."""
    rule = rules.DOWNGRADE_FAILS_ON_DATA if on_data else rules.DOWNGRADE_FAILS
    where = " when its tables hold rows" if on_data else ""
    message = f"downgrade() of {_named(revision)} fails{where}: {failure.message}"
    return _at(rule, revision, failure.line or revision.downgrade_line, message)


def downgrade_failed_on_newer_rows(
    revision: Revision, failure: Failure, in_the_way: Sequence[Loosening], dialect: str, *, is_meant: bool
) -> Finding:
    """``downgrade()`` raised on rows that only ``upgrade()`` allows.

    Args:
        revision: that went down without them.
        failure: what it raised.
        in_the_way: what such rows are, each by itself.
        dialect: of the database.
        is_meant: ``downgrade()`` looks for such rows, and stops in words of its own.

    """
    rows = "; ".join(dict.fromkeys(str(each) for each in in_the_way))
    rule = rules.DOWNGRADE_FAILS_ON_NEW_DATA
    return _at(
        rule,
        revision,
        failure.line or revision.downgrade_line,
        f"downgrade() of {_named(revision)} fails on what only its upgrade() allows ({rows}): {failure.message}",
        severity=Severity.NOTICE if is_meant else None,
        cause="it looks for such rows and says what to do with them" if is_meant else None,
        remedy=_NOTHING if is_meant else f"{lines_for_newer_rows(in_the_way, dialect)}\n{rule.remedy}",
    )


def newer_rows_lost(revision: Revision, lost: Sequence[str], *, accepted: str | None) -> Finding:
    """``downgrade()`` deletes or changes rows that only ``upgrade()`` allows: often all that can be done.

    Args:
        revision: that went down with them.
        lost: what became of them, in words.
        accepted: why that is no defect, as the revision declares; None: it does not.

    """
    message = f"downgrade() of {_named(revision)} does not keep what only its upgrade() allows ({'; '.join(lost)})"
    cause = f"accepted: {accepted}" if accepted else None
    return _at(rules.DOWNGRADE_LOSES_NEW_DATA, revision, revision.downgrade_line, message, cause=cause)


def no_way_back(revision: Revision, reason: str) -> Finding:
    """There is no ``downgrade()``, or it raises on purpose, and nothing declares it."""
    how = "has no downgrade()" if revision.downgrade is Body.MISSING else f"has a downgrade() that raises: {reason}"
    return _at(rules.NO_WAY_BACK, revision, revision.downgrade_line, f"{_named(revision)} {how}")


def not_undone(
    revision: Revision, differences: Sequence[Difference], wanted: Sequence[Difference], dialect: str
) -> Iterator[Finding]:
    """What the round trip did not bring back.

    Args:
        revision: that went up and down.
        differences: from before to after the round trip.
        wanted: the other way round.
        dialect: of the database.

    """
    back = {difference.key: difference for difference in wanted}
    does = "does nothing, and " if revision.downgrade is Body.EMPTY else ""
    for difference, *others in told_together(differences):
        rule, word = _WORDS[difference.change]
        pardon = excuse(difference, differences)
        yield _at(
            rule,
            revision,
            revision.downgrade_line,
            f"downgrade() of {_named(revision)} {does}{word} {describe(difference)}",
            severity=Severity.NOTICE if pardon else None,
            cause=pardon,
            remedy=_NOTHING if pardon else missing_lines([back[each.key] for each in (difference, *others)], dialect),
        )


def rows_not_kept(
    revision: Revision, differences: Sequence[RowDifference], *, accepted: str | None
) -> Iterator[Finding]:
    """Rows or values that the round trip did not bring back.

    Args:
        revision: that went up and down.
        differences: of the rows before to those after the round trip.
        accepted: why that is no defect, as the revision declares; None: it does not.

    """
    for difference in differences:
        yield _at(
            rules.DOWNGRADE_LOSES_DATA,
            revision,
            revision.downgrade_line,
            f"upgrade() and downgrade() of {_named(revision)} do not give all data back: {difference}",
            severity=Severity.NOTICE if accepted else None,
            cause=f"accepted: {accepted}" if accepted else None,
            remedy=_NOTHING if accepted else None,
        )


def rows_left(revision: Revision, differences: Sequence[RowDifference]) -> Iterator[Finding]:
    """Rows that upgrade() has made and downgrade() has left: worth knowing, and often meant."""
    for difference in differences:
        yield _at(
            rules.DOWNGRADE_LEAVES,
            revision,
            revision.downgrade_line,
            f"downgrade() of {_named(revision)} leaves rows that upgrade() has made: {difference}",
            severity=Severity.NOTICE,
            cause="upgrading again makes them twice, or fails on them where they must be unique",
            remedy="Delete them in downgrade(), unless others may use them by then.",
        )


def upgrade_again_failed(revision: Revision, failure: Failure, *, known: bool) -> Finding:
    """``upgrade()`` raised after ``downgrade()``.

    Args:
        revision: that went up, down and up.
        failure: what it raised.
        known: what ``downgrade()`` left is told by findings of its own.

    """
    message = f"upgrade() of {_named(revision)} fails after its downgrade(): {failure.message}"
    remedy = "Correct downgrade() as the other findings on this revision say." if known else None
    return _at(rules.UPGRADE_AGAIN_FAILS, revision, failure.line or revision.line, message, remedy=remedy)


def upgrade_again_differs(revision: Revision, differences: Sequence[Difference]) -> Iterator[Finding]:
    """``upgrade()`` after ``downgrade()`` led elsewhere than at first."""
    for difference in differences:
        message = f"upgrade() of {_named(revision)} after its downgrade() leads to another schema: "
        pardon = excuse(difference, differences)
        yield _at(
            rules.UPGRADE_AGAIN_DIFFERS,
            revision,
            revision.downgrade_line,
            message + describe(difference),
            severity=Severity.NOTICE if pardon else None,
            cause=pardon,
            remedy=_NOTHING if pardon else None,
        )


def _named(revision: Revision) -> str:
    return f"{revision.id} ({revision.title})" if revision.title else revision.id


def _at(rule: RuleInfo, revision: Revision, line: int, message: str, **better: Any) -> Finding:
    return judge(rule, message, path=revision.path, line=line, revision=revision.id, **better)
