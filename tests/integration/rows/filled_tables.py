"""A schema of its own for one test, and what its tables hold."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.database.connecting import DatabaseError, LightConnection
from migrator.verification.rows.contents import TableContents
from migrator.verification.rows.filling import Filled
from migrator.verification.rows.keeper import RowKeeper


@dataclass
class Tables:
    """A schema of its own, with a keeper of its rows."""

    connection: LightConnection
    keeper: RowKeeper
    schema: str

    def run(self, sql: str) -> None:
        self.connection.execute(sql)

    def fill(self, *tables: str) -> Filled:
        return self.keeper.fill([(self.schema, each) for each in tables] or self._all())

    def held(self, table: str) -> TableContents:
        return self.keeper.contents([(self.schema, table)]).tables[self.schema, table]

    def rows(self, table: str) -> list[dict[str, str | None]]:
        held = self.held(table)
        return [dict(zip(held.columns, row, strict=True)) for row in held.rows]

    def column(self, table: str, column: str) -> list[str | None]:
        return [row[column] for row in self.rows(table)]

    def unfilled(self, filled: Filled) -> set[str]:
        return {f"{each.table[1]}{f'.{each.column}' if each.column else ''}" for each in filled.unfilled}

    def _all(self) -> list[tuple[str | None, str]]:
        query = "SELECT table_name FROM information_schema.tables WHERE table_schema = ?"
        return [(self.schema, str(name)) for (name,) in self.connection.fetch(query, self.schema)]

    def refusal(self, sql: str) -> str | None:
        """The code of the server's refusal; None when the statement went through."""
        try:
            self.connection.execute(sql)
        except DatabaseError as refused:
            return refused.sqlstate
        return None
