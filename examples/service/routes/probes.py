"""What the platform asks: is the process alive, may requests come, how full is the pool."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from examples.service.schemas import Alive, Ready
from migrator.runtime import Database, PoolFigures
from migrator.runtime.fastapi import database_of

PATIENCE = 2.0
"""Seconds in which the database must answer; the probe's own timeout is a little longer."""

router = APIRouter(tags=["probes"])
TheDatabase = Annotated[Database, Depends(database_of)]


@router.get("/health")
async def health() -> Alive:
    """Say that the process answers. The database is not asked: a restart of this process would not mend it."""
    return Alive()


@router.get("/ready", responses={503: {"model": Ready}})
async def ready(database: TheDatabase, response: Response) -> Ready:
    """Ask the database, in one query, whether its schema suits this code."""
    try:
        async with asyncio.timeout(PATIENCE):
            found = await database.readiness()
    except TimeoutError:
        used = database.pool_figures()
        full = f"{used.checked_out} of {used.size + used.max_overflow} connections in use"
        reason = f"no answer within {PATIENCE:g} s; {full}"
        response.status_code = 503
        return Ready(status="not ready", revisions=[], reason=reason)
    if found.is_ready:
        return Ready(status="ready", revisions=list(found.current))
    response.status_code = 503
    return Ready(status="not ready", revisions=list(found.current), reason=found.reason)


@router.get("/pool")
async def pool(database: TheDatabase) -> PoolFigures:
    """Tell how the connections are used at this moment."""
    return database.pool_figures()
