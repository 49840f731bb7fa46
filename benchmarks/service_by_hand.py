"""A service whose engine, sessions and dependency are written by hand, as the manuals of FastAPI and SQLAlchemy do."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI
from service_routes import MAX_OVERFLOW, POOL_SIZE, routes
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

engine = create_async_engine(
    os.environ["SERVICE_URL"], pool_size=POOL_SIZE, max_overflow=MAX_OVERFLOW, pool_pre_ping=True
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


app = FastAPI(lifespan=lifespan)
app.include_router(routes(Annotated[AsyncSession, Depends(session_of_request, scope="function")]))
