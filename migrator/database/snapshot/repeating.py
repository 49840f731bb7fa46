"""The same few long questions, asked thousands of times: planned once."""

from __future__ import annotations

from typing import Any

from migrator.database.light import LightConnection
from migrator.database.placeholders import translate


class RepeatingReader:
    """Asks PostgreSQL through statements that it prepares at their first use; parameters are texts.

    Planning a question to the catalog takes far longer than answering it about a single table, and light connections
    leave nothing prepared behind them.
    """

    def __init__(self, connection: LightConnection) -> None:
        """Ask on a connection that nobody else uses, in autocommit; its search path is taken away."""
        self.dialect = connection.dialect
        self._connection = connection
        self._names: dict[str, str] = {}
        connection.execute("SET plan_cache_mode = force_generic_plan; SET jit = off")
        # A plan is thrown away when the search path was another one while it ran, as questions for snapshots see to.
        connection.execute("SET search_path = pg_catalog")

    def fetch(self, sql: str, /, *parameters: Any) -> list[tuple[Any, ...]]:
        """Rows of a query; ``?`` stands for each parameter."""
        name = self._names.get(sql)
        if name is None:
            name = f"migrator_{len(self._names)}"
            types = f" ({', '.join(['text'] * len(parameters))})" if parameters else ""
            self._connection.execute(f"PREPARE {name}{types} AS {translate(sql, '$1')}")
            self._names[sql] = name
        texts = ", ".join("'" + str(each).replace("'", "''") + "'" for each in parameters)
        return self._connection.fetch(f"EXECUTE {name}" + (f" ({texts})" if texts else ""))
