"""PostgreSQL's protocol 3: requests end at Query, Sync or Flush, answers at ReadyForQuery."""

from __future__ import annotations

import struct

from reliability.wire.conversation import Request

_TLS, _GSS, _CANCEL = 80877103, 80877104, 80877102
_ENDS_REQUEST = b"QSHXpdcfF"
_ENDS_ANSWER = b"QS"
REFUSED_ENCRYPTION = b"N"


class PostgresqlConversation:
    """One connection's two streams, cut into requests and answers."""

    def __init__(self) -> None:
        self.session: int | None = None
        self.is_cancel = False
        self.wants_encryption = False
        self._started = False
        self._from_client = b""
        self._from_server = b""
        self._pending = Request(b"", wants_answer=False)
        self._prepared: dict[bytes, str] = {}
        self._bound = ""

    def requests(self, data: bytes) -> list[Request]:
        """Take what arrived from the client, and return the requests that are complete."""
        self._from_client += data
        found: list[Request] = []
        while message := self._next_message():
            kind = message[:1] if self._started else b""
            if not self._started:
                self._read_start(message)
                if not self.wants_encryption:
                    found.append(Request(message, wants_answer=not self.is_cancel))
                continue
            self._read(kind, message[5:])
            self._pending.raw += message
            if kind in _ENDS_REQUEST:
                self._pending.wants_answer = kind in _ENDS_ANSWER
                found.append(self._pending)
                self._pending = Request(b"", wants_answer=False)
        return found

    def _next_message(self) -> bytes:
        offset = 1 if self._started else 0
        if len(self._from_client) < offset + 4:
            return b""
        (length,) = struct.unpack_from("!i", self._from_client, offset)
        if len(self._from_client) < offset + length:
            return b""
        message = self._from_client[: offset + length]
        self._from_client = self._from_client[offset + length :]
        return message

    def _read_start(self, message: bytes) -> None:
        (code,) = struct.unpack_from("!i", message, 4)
        self.wants_encryption = code in (_TLS, _GSS)
        self.is_cancel = code == _CANCEL
        self._started = not self.wants_encryption

    def _read(self, kind: bytes, body: bytes) -> None:
        if kind == b"Q":
            self._pending.statement = body.rstrip(b"\0").decode(errors="replace")
        elif kind == b"P":
            name, text, _ = body.split(b"\0", 2)
            self._prepared[name] = text.decode(errors="replace")
        elif kind == b"B":
            _, name, _ = body.split(b"\0", 2)
            self._bound = self._prepared.get(name, "")
        elif kind == b"E":
            self._pending.statement = self._bound

    def answers(self, data: bytes) -> list[tuple[bytes, bool]]:
        """Take what arrived from the server, and return its pieces: bytes, and whether they end an answer."""
        self._from_server += data
        found = []
        while len(self._from_server) >= 5:
            (length,) = struct.unpack_from("!i", self._from_server, 1)
            if len(self._from_server) < length + 1:
                break
            message = self._from_server[: length + 1]
            self._from_server = self._from_server[length + 1 :]
            if message[:1] == b"K":
                (self.session,) = struct.unpack_from("!i", message, 5)
            found.append((message, message[:1] == b"Z"))
        return found
