"""PostgreSQL's ways: how its catalog is asked, and how statements with rows are written there."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Final

from migrator.database.state import Reader
from migrator.verification.rows.facts import Facts, TableFacts, TableName, TypeFacts
from migrator.verification.rows.postgresql_facts import facts_of
from migrator.verification.rows.postgresql_questions import ALL, QUERY, WANTED
from migrator.verification.rows.values import Solved, value

_NAME: Final = "migrator_rows"


class Postgresql:
    """PostgreSQL's ways, as `migrator.verification.rows.dialect.Dialect` wants them."""

    several_statements = True
    sees_own_target = True

    def __init__(self) -> None:
        self._prepared = False

    def read_facts(self, reader: Reader, tables: Collection[TableName] | None, leave_out: frozenset[str]) -> Facts:
        """Read the catalog; the question for some tables is asked after each step, and so prepared once."""
        self._prepare(reader)
        if tables is None:
            return facts_of(reader.fetch(QUERY.format(wanted=ALL)), leave_out)
        found = self._some(reader, tables, leave_out)
        partitions = {name for table in found.values() for name in table.partitions if name not in found}
        return {**found, **self._some(reader, partitions, leave_out)} if partitions else found

    def _prepare(self, reader: Reader) -> None:
        if self._prepared:
            return
        # Compiling the question would take seconds where the server compiles costly ones; running it takes one ms.
        reader.fetch("SET jit = off")
        reader.fetch("SET plan_cache_mode = force_generic_plan")
        if not reader.fetch("SELECT 1 FROM pg_prepared_statements WHERE name = ?", _NAME):
            reader.fetch(f"PREPARE {_NAME} (json) AS {QUERY.format(wanted=WANTED)}")
        self._prepared = True

    def _some(self, reader: Reader, tables: Collection[TableName], leave_out: frozenset[str]) -> Facts:
        names = json.dumps(sorted({self.relation(each) for each in tables}))
        return facts_of(reader.fetch(f"EXECUTE {_NAME} ({literal(names)})"), leave_out)

    def quoted(self, name: str) -> str:
        """A name in double quotes."""
        return '"' + name.replace('"', '""') + '"'

    def relation(self, table: TableName) -> str:
        """Schema and name."""
        return ".".join(self.quoted(part) for part in table if part)

    def own_rows(self, table: TableName) -> str:
        """Without the rows of tables that inherit from it."""
        return f"ONLY {self.relation(table)}"

    def literal(self, text: str | None, kind: TypeFacts) -> str:  # noqa: ARG002
        """Text is read as the column's type, whatever that is."""
        return "NULL" if text is None else literal(text)

    def cast(self, text: str | None, kind: TypeFacts) -> str:
        """The same with its type."""
        return f"CAST({self.literal(text, kind)} AS {kind.spelled})"

    def joined(self, terms: Sequence[str]) -> str:
        """With the operator, since concat() takes a hundred at most."""
        return " || ".join(f"CAST({each} AS text)" for each in terms)

    def as_text(self, column: str, kind: TypeFacts) -> str:  # noqa: ARG002
        """As the type writes itself."""
        return f"CAST({self.quoted(column)} AS text)"

    def usual(self, kind: TypeFacts, variant: int, solved: Solved) -> str | None:
        """From the table of types."""
        return value(kind, variant, solved)

    def insert(self, table: TableFacts, names: Sequence[str], terms: Sequence[str]) -> str:
        """Numbers of identity columns are given too."""
        target = f"INSERT INTO {self.relation(table.table)}"
        if not names:
            return f"{target} DEFAULT VALUES"
        columns = ", ".join(self.quoted(each) for each in names)
        return f"{target} ({columns}) OVERRIDING SYSTEM VALUE VALUES ({', '.join(terms)})"

    def update_one(self, table: TableFacts, assignments: str, condition: str) -> str:
        """The first in the file."""
        rows = self.own_rows(table.table)
        return (
            f"UPDATE {rows} SET {assignments}"  # noqa: S608
            f" WHERE ctid = (SELECT ctid FROM {rows} WHERE {condition} ORDER BY ctid LIMIT 1)"
        )

    def together(self, inserts: Sequence[str]) -> tuple[str, ...]:
        """One statement: foreign keys are checked at its end."""
        parts = ", ".join(f"i{number} AS ({insert})" for number, insert in enumerate(inserts))
        return (f"WITH {parts} SELECT 1",)

    def truncate(self, tables: Sequence[TableName]) -> tuple[str, ...]:
        """All at once."""
        return (f"TRUNCATE {', '.join(self.relation(each) for each in tables)} CASCADE",) if tables else ()


def literal(text: str) -> str:
    """Text in quotes, whatever standard_conforming_strings says."""
    if "\\" in text:
        return "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
    return "'" + text.replace("'", "''") + "'"
