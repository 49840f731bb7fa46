"""A FastAPI application with a session for each request, served on a real socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import anyio
import uvicorn
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, WebSocket
from fastapi.responses import JSONResponse, PlainTextResponse
from playing_sessions import PATIENCE
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from migrator.profiles.model import Profile
from migrator.runtime import Database
from migrator.runtime.fastapi import RequestSession, request_session

LateSession = Annotated[AsyncSession, Depends(request_session)]
"""With FastAPI's own scope, "request": what comes after the yield runs when the response is already sent."""


def writing(word: str) -> Any:
    return text("INSERT INTO marks VALUES (:word)").bindparams(word=word)


class MarkStore:
    """A store that FastAPI makes for each request."""

    def __init__(self, session: RequestSession) -> None:
        self.session = session

    async def add(self, word: str) -> None:
        await self.session.execute(writing(word))


class Deadline:
    """Gives a request up after the seconds that its header names, as time limits of frameworks do."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        seconds = dict(scope.get("headers", ())).get(b"deadline")
        with anyio.move_on_after(float(seconds) if seconds else None) as limit:
            await self.app(scope, receive, send)
        if limit.cancelled_caught:
            await PlainTextResponse("given up", 504)(scope, receive, send)


router = APIRouter()


@router.post("/marks/{word}", status_code=201)
async def make(word: str, session: RequestSession) -> str:
    await session.execute(writing(word))
    return word


@router.post("/late/{word}", status_code=201)
async def make_late(word: str, session: LateSession) -> str:
    await session.execute(writing(word))
    return word


@router.post("/stored/{word}", status_code=201)
async def store(word: str, marks: Annotated[MarkStore, Depends()], session: RequestSession) -> bool:
    await marks.add(word)
    return marks.session is session


@router.post("/refused/{word}")
async def refuse(word: str, session: RequestSession) -> None:
    await session.execute(writing(word))
    raise HTTPException(418, "refused")


@router.post("/broken/{word}")
async def fail(word: str, session: RequestSession) -> None:
    await session.execute(writing(word))
    raise LookupError


@router.post("/waits/{word}", status_code=201)
async def wait(word: str, session: RequestSession) -> None:
    await session.execute(writing(word))
    await session.execute(text("SELECT pg_advisory_xact_lock(1)"))


@router.post("/slow/{word}", status_code=201)
async def work(word: str, session: RequestSession) -> None:
    await session.execute(writing(word))
    await session.execute(text("SELECT pg_sleep(0.02)"))


@router.websocket("/marks")
async def talk(websocket: WebSocket, session: RequestSession) -> None:
    await websocket.accept()
    while (word := await websocket.receive_text()) != "end":
        await session.execute(writing(word))
        await websocket.send_text(f"{word} written")


def application(profile: Profile) -> FastAPI:
    """Make the application on the database of a profile."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with Database(profile, root=Path.cwd()) as database:
            app.state.database = database
            yield

    app = FastAPI(lifespan=lifespan)
    app.add_middleware(Deadline)

    @app.exception_handler(IntegrityError)
    async def taken(_request: Request, _error: IntegrityError) -> JSONResponse:
        return JSONResponse({"detail": "taken"}, 409)

    app.include_router(router)
    return app


@dataclass
class Served:
    """An application that answers."""

    app: FastAPI
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Database:
        found: Database = self.app.state.database
        return found


@contextmanager
def serving(app: FastAPI) -> Iterator[Served]:
    """Serve an application from a thread, on a port that is free."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=512)
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", ws="none", lifespan="on"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        wait_for(server, thread)
        yield Served(app, listening.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        listening.close()
        assert not thread.is_alive()


def wait_for(server: uvicorn.Server, thread: threading.Thread) -> None:
    """Go on when the application has started."""
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive(), "the application did not start"
