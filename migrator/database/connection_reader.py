"""A SQLAlchemy connection that asks as the light connection does."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, TextClause, text


class ConnectionReader:
    """Reads with a connection that somebody else opened, in the words of the light connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def dialect(self) -> str:
        """SQLAlchemy's name of the dialect."""
        return self._connection.dialect.name

    def fetch(self, sql: str, /, *parameters: Any) -> list[tuple[Any, ...]]:
        """Rows of a query; ``?`` stands for each parameter."""
        return [tuple(row) for row in self._connection.execute(*_named(sql, parameters))]

    def execute(self, sql: str, /, *parameters: Any) -> None:
        """Run a statement that has no rows; ``?`` stands for each parameter."""
        self._connection.execute(*_named(sql, parameters))


def _named(sql: str, parameters: tuple[Any, ...]) -> tuple[TextClause, dict[str, Any]]:
    """SQLAlchemy's words for a statement with question marks."""
    head, *rest = sql.split("?")
    statement = head + "".join(f":p{number}{part}" for number, part in enumerate(rest))
    return text(statement), {f"p{number}": value for number, value in enumerate(parameters)}
