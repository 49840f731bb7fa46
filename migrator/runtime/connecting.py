"""A connection of psycopg that is given up while it is being made must not stay open on the server."""

from __future__ import annotations

import asyncio
import traceback
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from sqlalchemy import Engine


def close_what_is_given_up(engine: Engine) -> None:
    """Have an asynchronous engine of psycopg close a connection whose making is cancelled."""

    @event.listens_for(engine, "do_connect")
    def name_creator(_dialect: Any, _record: Any, _arguments: Any, parameters: dict[str, Any]) -> None:
        parameters["async_creator_fn"] = _connect


async def _connect(*arguments: Any, **parameters: Any) -> AsyncConnection[Any]:
    from psycopg import AsyncConnection

    try:
        return await AsyncConnection.connect(*arguments, **parameters)
    except asyncio.CancelledError as cancelled:
        # psycopg closes nothing here. The connection is closed when it is collected, and the frames that refer to it
        # live as long as the exception, often in a cycle: until the collector comes by, it takes a place on the server.
        traceback.clear_frames(cancelled.__traceback__)
        raise
