"""The four ways in which a run is ended from outside, at a place where it has been stopped."""

from __future__ import annotations

import asyncio
import signal
import time
from dataclasses import dataclass
from enum import StrEnum

from reliability.processes import Ended, Launcher, Running
from reliability.proxy import Boundary, Proxy, Side
from reliability.servers import Address
from reliability.workspace import Workspace

_LIMIT = 60


class Disturbance(StrEnum):
    """How a run is ended."""

    KILL = "SIGKILL of the client"
    TERMINATE = "session ended by the server"
    SIGTERM = "SIGTERM"
    CUT = "network cut"


SIDES = {
    Disturbance.KILL: (Side.BEFORE, Side.DURING, Side.AFTER),
    Disturbance.TERMINATE: (Side.BEFORE, Side.AFTER),
    Disturbance.SIGTERM: (Side.BEFORE, Side.AFTER),
    Disturbance.CUT: (Side.BEFORE, Side.DURING, Side.AFTER),
}


@dataclass(frozen=True)
class Disturbed:
    """A run that was ended, or that ended before its boundary."""

    statement: str | None
    """None: the run never came to the boundary."""
    ended: Ended
    seconds: float
    """From the disturbance to the end of the process."""


async def disturb(
    launcher: Launcher,
    workspace: Workspace,
    direction: str,
    database: Address,
    how: Disturbance,
    boundary: Boundary,
) -> Disturbed:
    """Start a run, stop it at a boundary and end it there."""
    proxy = Proxy(database, boundary)
    way = await proxy.start()
    running = launcher.start(workspace.command(direction, way))
    ending = asyncio.create_task(running.end(_LIMIT))
    reaching = asyncio.create_task(proxy.reached.wait())
    try:
        await asyncio.wait([ending, reaching], return_when=asyncio.FIRST_COMPLETED)
        if not proxy.reached.is_set():
            return Disturbed(None, await ending, 0)
        statement = proxy.statements[boundary.number]
        began = time.monotonic()
        await _act(how, running, proxy, database, ending)
        return Disturbed(statement, await ending, time.monotonic() - began)
    finally:
        reaching.cancel()
        await proxy.close()


async def _act(
    how: Disturbance, running: Running, proxy: Proxy, database: Address, ending: asyncio.Task[Ended]
) -> None:
    if how is Disturbance.KILL:
        running.kill()
        await ending
    elif how is Disturbance.CUT:
        proxy.cut()
    elif how is Disturbance.TERMINATE:
        assert proxy.session is not None
        await asyncio.to_thread(database.named(_MAINTENANCE[database.dialect]).end_session, proxy.session)
        proxy.release()
    else:
        running.kill(signal.SIGTERM)
        # The answer is late until the client has done something about it, or as late as a slow network's.
        cancelling = asyncio.create_task(proxy.cancelled.wait())
        await asyncio.wait([ending, cancelling], timeout=0.3, return_when=asyncio.FIRST_COMPLETED)
        cancelling.cancel()
        proxy.release()


_MAINTENANCE = {"postgresql": "postgres", "mysql": "mysql"}
