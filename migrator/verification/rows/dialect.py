"""What differs between servers when rows are made: the catalog, the spelling of values, the odd statement."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from migrator.database.state import Reader
from migrator.errors import ConfigurationError
from migrator.verification.rows.facts import Facts, TableFacts, TableName, TypeFacts
from migrator.verification.rows.values import Solved


class Dialect(Protocol):
    """One server's ways."""

    several_statements: bool
    """Whether one call may hold several statements, of which all or none take effect."""
    sees_own_target: bool
    """Whether a subquery may read the table that the statement writes to."""

    def read_facts(self, reader: Reader, tables: Collection[TableName] | None, leave_out: frozenset[str]) -> Facts:
        """What rows of these tables must fulfil; None: of all, but for those left out by name."""

    def quoted(self, name: str) -> str:
        """A name."""

    def relation(self, table: TableName) -> str:
        """A table as statements name it."""

    def own_rows(self, table: TableName) -> str:
        """A table as a query names it that wants no row of its children."""

    def literal(self, text: str | None, kind: TypeFacts) -> str:
        """A value where the column says its type."""

    def cast(self, text: str | None, kind: TypeFacts) -> str:
        """A value as a term of a type."""

    def joined(self, terms: Sequence[str]) -> str:
        """Terms one after the other as one text."""

    def as_text(self, column: str, kind: TypeFacts) -> str:
        """A column's value as text that can be compared, NULL staying NULL."""

    def usual(self, kind: TypeFacts, variant: int, solved: Solved) -> str | None:
        """The value of a column that has no condition; None where none is known."""

    def insert(self, table: TableFacts, names: Sequence[str], terms: Sequence[str]) -> str:
        """A statement that inserts one row."""

    def update_one(self, table: TableFacts, assignments: str, condition: str) -> str:
        """A statement that changes one of the rows that fulfil a condition."""

    def together(self, inserts: Sequence[str]) -> tuple[str, ...]:
        """Statements that insert rows of tables that need each other."""

    def truncate(self, tables: Sequence[TableName]) -> tuple[str, ...]:
        """Statements that take all rows out of tables, and out of those that refer to them."""


def dialect_of(name: str) -> Dialect:
    """The ways of a dialect.

    Raises:
        ConfigurationError: rows can't be made there.

    """
    if name == "postgresql":
        from migrator.verification.rows.postgresql import Postgresql

        return Postgresql()
    if name in ("mysql", "mariadb"):
        from migrator.verification.rows.mysql import Mysql

        return Mysql()
    if name == "sqlite":
        from migrator.verification.rows.sqlite import Sqlite

        return Sqlite()
    raise ConfigurationError(
        f"Rows can't be made on {name}.", remedy="verify without them: migrator verify --without-data"
    )
