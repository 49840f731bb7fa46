"""What a MySQL or MariaDB server calls itself, and which columns its catalog has: they differ between versions."""

from __future__ import annotations

from typing import Final

from migrator.database.state import Reader

_OPTIONAL: Final = (
    "SELECT upper(table_name), upper(column_name) FROM information_schema.columns"
    " WHERE table_schema = 'information_schema' AND column_name IN"
    " ('IGNORED', 'IS_VISIBLE', 'EXPRESSION', 'LEVEL', 'ENFORCED', 'ALGORITHM')"
    " AND table_name IN ('STATISTICS', 'CHECK_CONSTRAINTS', 'TABLE_CONSTRAINTS', 'VIEWS')"
)


class Asking:
    """Asks the catalog of the current database.

    Attributes:
        reader: of the database.
        database: its name.
        is_mariadb: whether the server is MariaDB.

    """

    def __init__(self, reader: Reader) -> None:
        """Learn the database's name, the server's product and what its catalog has."""
        self.reader = reader
        ((database, version),) = reader.fetch("SELECT DATABASE(), VERSION()")
        self.database = str(database)
        self.is_mariadb = "mariadb" in str(version).lower()
        self._optional = {(str(table), str(column)) for table, column in reader.fetch(_OPTIONAL)}

    def optional(self, table: str, column: str, otherwise: str = "NULL") -> str:
        """A column of the catalog as it is asked for, or what stands for it on a server that does not have it."""
        return column if (table.upper(), column.upper()) in self._optional else otherwise
