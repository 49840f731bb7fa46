"""MariaDB's protocol, text queries only: what the drivers here use."""

from __future__ import annotations

from reliability.wire.conversation import Request

_QUERY = 0x03
_QUIT = 0x01
_OK, _ERROR, _END = 0x00, 0xFF, 0xFE
_ONE_END = 1 << 24
"""A capability: rows have no packet before them that ends the columns (CLIENT_DEPRECATE_EOF)."""


class MariadbConversation:
    """One connection's two streams, cut into requests and answers."""

    is_cancel = False
    wants_encryption = False

    def __init__(self) -> None:
        self.session: int | None = None
        self._logged_in = False
        self._from_client = b""
        self._from_server = b""
        self._first_of_answer = True
        self._ends_seen = 0
        self._ends_wanted: int | None = None

    def requests(self, data: bytes) -> list[Request]:
        """Take what arrived from the client, and return the requests that are complete."""
        packets, self._from_client = _packets(self._from_client + data)
        found = []
        for packet in packets:
            if not self._logged_in:
                if self._ends_wanted is None:
                    self._ends_wanted = 1 if int.from_bytes(packet[4:8], "little") & _ONE_END else 2
                found.append(Request(packet, wants_answer=False))
                continue
            command = packet[4] if len(packet) > 4 else _QUIT
            request = Request(packet, wants_answer=command != _QUIT)
            if command == _QUERY:
                request.statement = packet[5:].decode(errors="replace")
            self._first_of_answer, self._ends_seen = True, 0
            found.append(request)
        return found

    def answers(self, data: bytes) -> list[tuple[bytes, bool]]:
        """Take what arrived from the server, and return its pieces: bytes, and whether they end an answer."""
        packets, self._from_server = _packets(self._from_server + data)
        return [(packet, self._ends_answer(packet)) for packet in packets]

    def _ends_answer(self, packet: bytes) -> bool:
        body = packet[4:]
        if self.session is None:
            end = body.index(b"\0")  # of the server's version
            self.session = int.from_bytes(body[end + 1 : end + 5], "little")
            return False
        if not self._logged_in:
            self._logged_in = body[:1] == b"\0"
            return False
        if self._first_of_answer:
            self._first_of_answer = False
            return body[0] in (_OK, _ERROR)
        if body[0] == _ERROR:
            return True
        # A row whose first value has 16 MiB begins in the same way; there is none here.
        self._ends_seen += body[0] == _END
        return self._ends_seen == self._ends_wanted


def _packets(data: bytes) -> tuple[list[bytes], bytes]:
    found = []
    while len(data) >= 4:
        length = 4 + int.from_bytes(data[:3], "little")
        if len(data) < length:
            break
        found.append(data[:length])
        data = data[length:]
    return found, data
