"""The rows of a database that revisions are tried on: kept in every table, known, and compared."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from migrator.database.failures import DatabaseError
from migrator.errors import ConfigurationError
from migrator.verification.roundtrips.touching import Tables, together
from migrator.verification.rows.contents import (
    Contents,
    Loss,
    RowDifference,
    TableContents,
    Values,
    compare_contents,
)
from migrator.verification.rows.custom import CustomRow, CustomRows
from migrator.verification.rows.facts import Facts, TableName
from migrator.verification.rows.freedom import Used
from migrator.verification.rows.keeper import RowKeeper
from migrator.verification.rows.loosening import Loosening


class Data:
    """Rows in all tables of one database. Only what a step has touched is looked at again."""

    def __init__(self, keeper: RowKeeper, custom: CustomRows) -> None:
        """Remember who writes the rows, and which ones the project gives; nothing is known of the tables yet."""
        self._keeper = keeper
        self._custom = custom
        self._given: set[str] = set()
        self._stale: Tables = None
        self._rewritten: Tables = frozenset()
        self._moved: Tables = frozenset()
        self._made: dict[TableName, frozenset[Values]] = {}
        """The keys of rows that are ours."""
        self._begun = Contents()
        self._given_up: Contents | None = None
        """The rows that `give_up` took, as far as they are not ours."""
        self.held = Contents()
        """What the tables hold, as of the last `refresh`."""
        self.unfilled: dict[str, None] = {}
        """What could not be filled so far, each with the reason."""

    def touched(self, tables: Tables, *, rows: bool) -> None:
        """Note what a step may have changed.

        Args:
            tables: which may be other ones now.
            rows: they hold other rows; False: only what the tables are like has changed.

        """
        self._stale = together(self._stale, tables)
        self._moved = together(self._moved, tables)
        if rows:
            self._rewritten = together(self._rewritten, tables)

    def give_before(self, revision: str) -> None:
        """Insert the project's rows for a revision that is about to be applied.

        Raises:
            ConfigurationError: the server refuses one.

        """
        self._give(self._custom.before.get(revision, ()), f"before {revision}")

    def give_at(self, revision: str) -> None:
        """Insert the project's rows for a revision that has been applied; see `give_before`."""
        self._give(self._custom.at.get(revision, ()), f"at {revision}")

    def _give(self, rows: Sequence[CustomRow], moment: str) -> None:
        if not rows:
            return
        try:
            self.touched(self._keeper.insert(rows, self._custom.path), rows=True)
        except ConfigurationError:
            # The second time they may still be there.
            if moment not in self._given:
                raise
        self._given.add(moment)

    def begin(self) -> Contents:
        """Fill the tables before a round trip, and give what they hold.

        Rows that revisions have made and that an earlier round trip had to give up come back beside them: later
        revisions go on with them.
        """
        self._rewritten = frozenset()
        self.refresh()
        if self._given_up is not None:
            # After the filling: their parents may be rows of ours.
            back, self._given_up = self._keeper.bring_back(self._given_up), None
            self.touched(back, rows=False)
            self.refresh()
        self._moved = frozenset()
        self._begun = self.held
        return self.held

    def _not_ours(self, held: Contents) -> Contents:
        """The rows that revisions or the project have put into tables."""
        found: dict[TableName, TableContents] = {}
        for name, each in held.tables.items():
            made = self._made.get(name, frozenset())
            rows = tuple(row for key, row in zip(each.keys(), each.rows, strict=True) if key not in made)
            if rows:
                found[name] = replace(each, rows=rows, number=len(rows))
        return Contents(found)

    def refresh(self) -> None:
        """Fill the tables that have been touched, and learn what they hold now.

        A table that a step has emptied stays empty: filled again with the same rows, it would seem never to have been.
        """
        stale = self._stale
        if stale is not None and not stale:
            return
        filled = self._keeper.fill(self._without_emptied(stale))
        self.unfilled.update(dict.fromkeys(str(each) for each in filled.unfilled))
        found = self._keeper.contents(stale)
        self._made.update(
            {name: frozenset(found.tables[name].keys()) for name in filled.inserted if name in found.tables}
        )
        rest = {} if stale is None else {name: each for name, each in self.held.tables.items() if name not in stale}
        self.held = Contents({**rest, **found.tables})
        self._stale = self._rewritten = frozenset()

    def _without_emptied(self, stale: Tables) -> Tables:
        had_rows = {name for name, each in self.held.tables.items() if each.number}
        suspects = had_rows if self._rewritten is None else had_rows & self._rewritten
        if not suspects:
            return stale
        now = self._keeper.contents(suspects).tables
        emptied = {name for name, each in now.items() if not each.number}
        if not emptied:
            return stale
        return (frozenset(self._keeper.contents(None).tables) if stale is None else stale) - emptied

    def lost(self, before: Contents) -> tuple[tuple[RowDifference, ...], tuple[RowDifference, ...]]:
        """What became of rows that were there before: what is lost or changed, and what is left behind.

        Args:
            before: what `begin` gave; tables that were not touched since are not read.

        """
        found = compare_contents(before, self._keeper.contents(self._moved), self._moved)
        left = tuple(each for each in found if each.loss is Loss.ROWS_LEFT)
        return tuple(each for each in found if each.loss is not Loss.ROWS_LEFT), left

    def facts(self, tables: Collection[TableName]) -> Facts:
        """What the rows of tables must fulfil now."""
        return self._keeper.facts(tables)

    def contents(self, tables: Collection[TableName]) -> Contents:
        """What tables hold now; those that are not there are passed over."""
        return self._keeper.contents(tables)

    def use(self, loosenings: Sequence[Loosening]) -> tuple[Used, ...]:
        """Let rows use freedoms, until `take_back`."""
        self.touched(frozenset(each.table for each in loosenings), rows=True)
        return self._keeper.use(loosenings)

    def take_back(self, used: Sequence[Used], held: Contents) -> None:
        """Make rows what they were before `use`.

        Args:
            used: what `use` gave.
            held: what these tables held before.

        """
        self.touched(frozenset(held.tables), rows=True)
        self._keeper.take_back(used, held)

    def give_up(self) -> bool:
        """Take all rows out of all tables, for a step that fails; whether there were any, and now are none."""
        had_rows = any(each.number for each in self.held.tables.values()) or self._stale != frozenset()
        self._stale, self._rewritten = None, frozenset()
        if self._given_up is None:
            self._given_up = self._not_ours(self._begun)
        self.held = Contents()
        try:
            self._keeper.empty(None)
        except DatabaseError:
            return False
        return had_rows
