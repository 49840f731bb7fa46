"""FastAPI: ``uvicorn examples.applications.with_fastapi:app``."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException, Request, Response
from sqlalchemy import select

from examples.service.models import Tag
from migrator.runtime import Database
from migrator.runtime.fastapi import RequestSession, database_of


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Serve nothing before the schema suits this code."""
    async with Database.from_env() as database:
        await database.require_head(timeout=60)
        app.state.database = database
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/tags")
async def list_tags(session: RequestSession) -> list[str]:
    """All names."""
    return list(await session.scalars(select(Tag.name).order_by(Tag.name)))


@app.post("/tags/{name}", status_code=201)
async def add_tag(name: str, session: RequestSession) -> str:
    """Committed when it returns, rolled back when it raises."""
    session.add(Tag(name=name))
    await session.flush()
    if not name.islower():
        raise HTTPException(422, "a tag is written in lower case")
    return name


@app.get("/ready")
async def ready(request: Request, response: Response) -> str:
    """Whether the schema still suits this code."""
    found = await database_of(request).readiness()
    response.status_code = 200 if found.is_ready else 503
    return found.reason
