"""A TCP proxy that understands the protocol and stops the conversation at one statement, before or after it.

It sees what every driver really sends, transactions' ends and the tool's own questions included. Everything that a
process says to its server goes through one proxy, over however many connections.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum

from reliability.servers import Address
from reliability.wire.conversation import Request
from reliability.wire.mariadb import MariadbConversation
from reliability.wire.postgresql import REFUSED_ENCRYPTION, PostgresqlConversation

_CONVERSATIONS: dict[str, Callable[[], PostgresqlConversation | MariadbConversation]] = {
    "postgresql": PostgresqlConversation,
    "mysql": MariadbConversation,
}
_CHUNK = 65536
_RESET_AT_ONCE = struct.pack("ii", 1, 0)


class Side(StrEnum):
    """On which side of a statement a run is stopped."""

    BEFORE = "before"
    """The server never gets it."""
    DURING = "during"
    """The server has just got it, and works on it or not."""
    AFTER = "after"
    """The server has done it, and its answer never arrives."""


@dataclass(frozen=True)
class Boundary:
    """A place in a run: the statement by its number among all that are sent, from 0, and the side of it."""

    number: int
    side: Side


@dataclass
class Line:
    """One connection through the proxy."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter | None
    conversation: PostgresqlConversation | MariadbConversation
    waiting: deque[int | None] = field(default_factory=deque)
    """Numbers of the requests whose answers are awaited; None for one that is no boundary."""


class Proxy:
    """Stops at a boundary until it is told to go on, or cuts everything."""

    def __init__(self, upstream: Address, stop_at: Boundary | None = None) -> None:
        self._upstream = upstream
        self._stop_at = stop_at
        self._lines: list[Line] = []
        self._refuses = False
        self._released = asyncio.Event()
        self._listener: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.statements: list[str] = []
        """What was sent so far, boundaries only, in order."""
        self.reached = asyncio.Event()
        self.cancelled = asyncio.Event()
        """A client asked the server to cancel a statement."""
        self.session: int | None = None
        """Of the server, the one that was stopped."""

    async def start(self) -> Address:
        """Listen, and return the address to use instead of the server's."""
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        port = self._listener.sockets[0].getsockname()[1]
        return self._upstream.at("127.0.0.1", port)

    @property
    def unanswered(self) -> int:
        """Requests whose answers did not come: none after a run that came to its end."""
        return sum(len(line.waiting) for line in self._lines)

    def release(self) -> None:
        """Let what was held go on its way."""
        self._released.set()

    def cut(self) -> None:
        """Break every connection with a reset in both directions, and take no new ones."""
        self._refuses = True
        for line in self._lines:
            for end in (line.client, line.server):
                if end is not None:
                    _reset(end)
        self._released.set()

    async def close(self) -> None:
        """End everything, as the death of the client does."""
        self._refuses = True
        if self._listener:
            self._listener.close()
        for task in self._tasks:
            task.cancel()
        for line in self._lines:
            for end in (line.client, line.server):
                if end is not None:
                    end.transport.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refuses:
            _reset(writer)
            return
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        line = Line(writer, None, _CONVERSATIONS[self._upstream.dialect]())
        self._lines.append(line)
        try:
            with suppress(OSError):
                await self._serve(line, reader)
        except asyncio.CancelledError:
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _serve(self, line: Line, reader: asyncio.StreamReader) -> None:
        from_server, line.server = await self._connect()
        try:
            tasks = [
                asyncio.create_task(self._carry_requests(line, reader, line.server)),
                asyncio.create_task(self._carry_answers(line, from_server)),
            ]
            self._tasks.update(tasks)
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                if tasks[1].done():  # what the server said last is to arrive
                    with suppress(ConnectionError):
                        await line.client.drain()
                    line.client.close()
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                self._tasks.difference_update(tasks)
        finally:
            line.server.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._upstream.socket:
            return await asyncio.open_unix_connection(self._upstream.socket)
        return await asyncio.open_connection(self._upstream.host, self._upstream.port)

    async def _carry_requests(self, line: Line, reader: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        while data := await reader.read(_CHUNK):
            for request in line.conversation.requests(data):
                if line.conversation.is_cancel:
                    self.cancelled.set()
                await self._carry_request(line, request, server)
            if line.conversation.wants_encryption:
                line.conversation.wants_encryption = False
                line.client.write(REFUSED_ENCRYPTION)

    async def _carry_request(self, line: Line, request: Request, server: asyncio.StreamWriter) -> None:
        number = None
        if request.is_boundary:
            number = len(self.statements)
            self.statements.append(str(request.statement))
            if self._stop_at == Boundary(number, Side.BEFORE):
                await self._hold(line)
        if request.wants_answer:
            line.waiting.append(number)
        server.write(request.raw)
        await server.drain()
        if number is not None and self._stop_at == Boundary(number, Side.DURING):
            await self._hold(line)

    async def _carry_answers(self, line: Line, reader: asyncio.StreamReader) -> None:
        held = b""
        while data := await reader.read(_CHUNK):
            for piece, ends in line.conversation.answers(data):
                number = line.waiting[0] if line.waiting else None
                if ends and line.waiting:
                    line.waiting.popleft()
                if number is None or self._stop_at != Boundary(number, Side.AFTER):
                    line.client.write(piece)
                    continue
                held += piece
                if ends:
                    await self._hold(line)
                    line.client.write(held)
            await line.client.drain()

    async def _hold(self, line: Line) -> None:
        self.session = line.conversation.session
        self.reached.set()
        await self._released.wait()


def _reset(end: asyncio.StreamWriter) -> None:
    connected = end.get_extra_info("socket")
    if connected is not None and connected.family != socket.AF_UNIX:
        with suppress(OSError):
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_ONCE)
    end.transport.abort()
