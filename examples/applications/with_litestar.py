"""Litestar: ``litestar --app examples.applications.with_litestar:app run``, or uvicorn."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar, Response, get, post
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from examples.service.models import Tag
from migrator.runtime import Database


@asynccontextmanager
async def lifespan(app: Litestar) -> AsyncIterator[None]:
    """Serve nothing before the schema suits this code."""
    async with Database.from_env() as app.state.database:
        await app.state.database.require_head(timeout=60)
        yield


async def request_session(state: State) -> AsyncIterator[AsyncSession]:
    """One session for a request: committed when the handler returns, rolled back when it raises."""
    async with state.database.session() as session:
        yield session


@get("/tags")
async def list_tags(session: AsyncSession) -> list[str]:
    """All names."""
    return list(await session.scalars(select(Tag.name).order_by(Tag.name)))


@post("/tags/{name:str}")
async def add_tag(name: str, session: AsyncSession) -> str:
    """Add one."""
    session.add(Tag(name=name))
    await session.flush()
    if not name.islower():
        raise HTTPException("a tag is written in lower case", status_code=422)
    return name


@get("/ready")
async def ready(state: State) -> Response[str]:
    """Whether the schema still suits this code."""
    found = await state.database.readiness()
    return Response(found.reason, status_code=200 if found.is_ready else 503)


app = Litestar([list_tags, add_tag, ready], lifespan=[lifespan], dependencies={"session": request_session})
