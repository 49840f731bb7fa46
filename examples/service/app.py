"""The application: its database, its routes, its errors."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from examples.service.errors import add_error_answers
from examples.service.routes import logins, posts, probes, tags, users
from examples.service.schemas import Problem
from migrator.runtime import Database


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the database that ``MIGRATOR_ENV`` names; serve nothing before it has the schema of this code.

    Raises:
        SchemaBehind: nobody has migrated it in time.

    """
    async with Database.from_env() as database:
        await database.require_head(timeout=app.state.patience)
        app.state.database = database
        yield


def create_app(*, patience: float = 60.0) -> FastAPI:
    """Make the application.

    Args:
        patience: seconds to wait for the migrations when it starts.

    """
    app = FastAPI(title="Example service", lifespan=lifespan, responses={503: {"model": Problem}})
    app.state.patience = patience
    add_error_answers(app)
    for routes in (users, logins, posts, tags, probes):
        app.include_router(routes.router)
    return app
