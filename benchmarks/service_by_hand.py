"""The example service with an engine, sessions and a dependency that are written by hand, as FastAPI's manual has them.

Its routes and stores are the example's own: they import `RequestSession`, which is another one here.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

import migrator.runtime.fastapi

engine = create_async_engine(
    os.environ["SERVICE_URL"],
    pool_size=int(os.environ["DB_POOL_SIZE"]),
    max_overflow=int(os.environ["DB_MAX_OVERFLOW"]),
    pool_pre_ping=True,
)
sessions = async_sessionmaker(engine, expire_on_commit=False)


async def session_of_request() -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        try:
            yield session
            await session.commit()
        except Exception:
            await session.rollback()
            raise


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    yield
    await engine.dispose()


def create_app() -> FastAPI:
    migrator.runtime.fastapi.RequestSession = Annotated[AsyncSession, Depends(session_of_request, scope="function")]
    from examples.service import app

    made = app.create_app()
    made.router.lifespan_context = lifespan
    return made
