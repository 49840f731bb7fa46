"""The same service with the engine, the sessions and the dependency of `migrator.runtime`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from service_routes import routes

from migrator.runtime import Database
from migrator.runtime.fastapi import RequestSession


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with Database.from_env() as database:
        app.state.database = database
        yield


app = FastAPI(lifespan=lifespan)
app.include_router(routes(RequestSession))
