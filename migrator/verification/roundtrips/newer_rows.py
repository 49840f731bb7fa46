"""downgrade() once more, on rows that only upgrade() allows: a NULL, a longer value, two rows alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from migrator.chain.model import Revision
from migrator.database.snapshot.comparing import Change, Difference
from migrator.database.snapshot.model import Kind, Snapshot
from migrator.database.snapshot.words import describe
from migrator.findings import Finding
from migrator.verification.roundtrips import judging
from migrator.verification.roundtrips.data import Data
from migrator.verification.roundtrips.judging import Failure
from migrator.verification.roundtrips.leg import Leg, failure_of
from migrator.verification.rows.contents import Contents
from migrator.verification.rows.facts import Facts, TableName
from migrator.verification.rows.freedom import Used
from migrator.verification.rows.loosening import Loosening, loosened

_LOOSER: Final = frozenset({"type", "nullable"})
"""What may have changed of a column so that it holds more."""
_ONE_BY_ONE: Final = 8
"""So many freedoms are tried one by one, where downgrade() fails on all of them together."""


@dataclass(frozen=True, slots=True)
class Former:
    """Tables that may hold more after a revision, as they were before it."""

    schema: Snapshot
    facts: Facts
    contents: Contents


@dataclass(slots=True)
class Tried:
    """What rows that use a freedom showed."""

    findings: list[Finding] = field(default_factory=list)
    is_after: bool = True
    """Whether the schema is again as upgrade() makes it."""


@dataclass(frozen=True, slots=True)
class _Way:
    """How downgrade() went with some rows."""

    used: tuple[Used, ...]
    failure: Failure | None = None
    is_meant: bool = False
    """downgrade() looks for such rows, and has raised by itself."""
    lost: tuple[str, ...] = ()
    """What became of the rows, in words."""
    is_after: bool = True


def suspects(differences: Sequence[Difference], after: Snapshot) -> frozenset[TableName]:
    """The tables of which rows may hold more than before. Pure.

    Args:
        differences: from before a revision to after it.
        after: the schema after it.

    """
    found: set[TableName] = set()
    types: set[str] = set()
    for each in differences:
        key = each.key
        if each.change is Change.CHANGED and key.kind in (Kind.ENUM, Kind.DOMAIN):
            types.add(key.name)
        elif key.table is not None and _may_loosen(each):
            found.add((key.schema, key.table))
    if types:
        for column in after.of_kind(Kind.COLUMN):
            if column.key.table is not None and any(name in column.facets.get("type", "") for name in types):
                found.add((column.key.schema, column.key.table))
    return frozenset(found)


def _may_loosen(difference: Difference) -> bool:
    if difference.change is Change.ADDED:
        return False
    if difference.key.kind is Kind.COLUMN:
        return any(facet.name in _LOOSER for facet in difference.facets)
    return difference.key.kind in (Kind.CONSTRAINT, Kind.INDEX)


def try_newer_rows(
    leg: Leg, data: Data, revision: Revision, former: Former, *, accepted: str | None, empty_first: bool
) -> Tried:
    """Let rows use what upgrade() allows, and go down and up once more; nothing is done where it allows nothing new.

    Args:
        leg: stands after the revision.
        data: its rows, which are afterwards as they were.
        revision: made its round trip without fault.
        former: the tables before it.
        accepted: why rows may be lost, as the revision declares; None: it does not.
        empty_first: upgrade() works without rows only.

    """
    loosenings = tuple(loosened(former.facts, data.facts(former.facts)))
    if not loosenings:
        return Tried()
    data.begin()
    attempt = _Attempt(leg, data, revision, former, leg.look(), empty_first=empty_first)
    way = attempt.made(loosenings)
    tried = Tried(is_after=way.is_after)
    if way.failure is None:
        if way.lost:
            tried.findings.append(judging.newer_rows_lost(revision, way.lost, accepted=accepted))
        return tried
    failing = [way]
    if len(way.used) > 1:
        single = []
        for each in way.used[:_ONE_BY_ONE]:
            if not tried.is_after:
                break
            one = attempt.made((each.loosening,))
            tried.is_after = one.is_after
            single += [one] if one.failure is not None else []
        failing = single or failing
    in_the_way = tuple(used.loosening for each in failing for used in each.used)
    failure = failing[0].failure or way.failure
    is_meant = all(each.is_meant for each in failing)
    tried.findings.append(
        judging.downgrade_failed_on_newer_rows(revision, failure, in_the_way, leg.dialect, is_meant=is_meant)
    )
    return tried


@dataclass(frozen=True, slots=True)
class _Attempt:
    """Goes down and up with rows that use some freedoms."""

    leg: Leg
    data: Data
    revision: Revision
    former: Former
    after: Snapshot
    empty_first: bool = field(kw_only=True)

    def made(self, loosenings: Sequence[Loosening]) -> _Way:
        held = self.data.contents(frozenset(each.table for each in loosenings))
        used = self.data.use(loosenings)
        if not used:
            return _Way(())
        moved = self.leg.down(self.revision)
        if moved.error is None:
            way = self._up_again(used)
        else:
            failure = failure_of(self.revision, moved.error)
            way = _Way(used, failure, is_meant=not _is_of_server(moved.error), is_after=self._is_after())
        if way.is_after and (moved.error is not None or not self.empty_first):
            self.data.take_back(used, held)
        return way

    def _up_again(self, used: tuple[Used, ...]) -> _Way:
        left = self.leg.compare(self.former.schema, self.leg.look())
        failure = None
        if left:
            # An exception that the revision itself has caught, or a server that takes no schema change back.
            failure = Failure(f"it raises nothing, and does not restore {describe(left[0])}", None)
        lost = () if left else tuple(self._lost(used))
        if self.empty_first:
            self.data.give_up()
        is_up = self.leg.up(self.revision).error is None
        return _Way(used, failure, lost=lost, is_after=is_up and self._is_after())

    def _is_after(self) -> bool:
        return self.leg.looks_like(self.after) or (self.leg.walk.is_usable and self.leg.repaired(self.after))

    def _lost(self, used: Sequence[Used]) -> Iterator[str]:
        """What became of rows that the first downgrade() had kept, and that use a freedom now."""
        found = self.data.contents(frozenset(self.former.facts))
        for each in used:
            table = each.loosening.table
            before, now = self.former.contents.tables.get(table), found.tables.get(table)
            if before is None or now is None or not before.key or not set(before.key) <= set(now.columns):
                continue
            then, there = before.by_key(), now.by_key()
            for row in each.rows:
                key = tuple(row.get(name) for name in before.key)
                if key in then and key not in there:
                    yield f"{each.loosening}: its row is deleted"
                    break
            else:
                yield from _replaced(each, there.get(each.key(before.key), {}))


def _is_of_server(error: BaseException) -> bool:
    """Whether the server refused something, also where the revision puts that in words of its own."""
    found: BaseException | None = error
    while found is not None and not isinstance(found, SQLAlchemyError):
        found = found.__cause__ or found.__context__
    return found is not None


def _replaced(used: Used, row: Mapping[str, str | None]) -> Iterator[str]:
    for name, value in used.assigned.items():
        if value is not None and name in row and not _are_equal(value, row[name]):
            yield f"{used.loosening}: the value is replaced"


def _are_equal(value: str, now: str | None) -> bool:
    """Whether two texts mean the same: a server writes numbers with more digits than it was given."""
    with suppress(InvalidOperation):
        return value == now or Decimal(value) == Decimal(now or "")
    return False
