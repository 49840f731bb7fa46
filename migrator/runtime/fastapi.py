"""A session for each request of a FastAPI application.

The application keeps its database where requests find it: ``app.state.database = Database.from_env()``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends
from fastapi.requests import HTTPConnection
from sqlalchemy.ext.asyncio import AsyncSession

from migrator.errors import ConfigurationError
from migrator.runtime.database import Database


def database_of(connection: HTTPConnection) -> Database:
    """Find the application's database.

    Raises:
        ConfigurationError: ``app.state.database`` is not set.

    """
    database = getattr(connection.app.state, "database", None)
    if not isinstance(database, Database):
        raise ConfigurationError(
            "The application has no database for its requests.",
            remedy="where the application is made: app.state.database = Database.from_env()",
        )
    return database


async def request_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    """One session for a request: committed when the endpoint returns, rolled back when it raises."""
    async with database_of(connection).session() as session:
        yield session


RequestSession = Annotated[AsyncSession, Depends(request_session, scope="function")]
"""Committed before the response is sent: a client that reads a 201 finds what it has made.

A streamed response and a background task come later, when it is closed: they open a session of their own.
"""
