"""What both protocols tell about a conversation between a client and its server."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

# What is asked about other sessions, and the lock that is asked for until it is there, depend on the time that passes:
# they are no places to stop at, or boundary 17 of one run would not be that of the next.
_WATCHING = re.compile(
    r"pg_stat_|pg_blocking_pids|pg_locks|advisory_lock|processlist|GET_LOCK|IS_USED_LOCK", re.IGNORECASE
)


@dataclass(slots=True)
class Request:
    """What a client sends at once and waits for."""

    raw: bytes
    statement: str | None = None
    """None: nothing is executed by it (a login, a statement prepared)."""
    wants_answer: bool = True

    @property
    def is_boundary(self) -> bool:
        """Whether a run can be stopped here, before it reaches the server and after its answer."""
        return self.statement is not None and not _WATCHING.search(self.statement)


class Conversation(Protocol):
    """One connection's two streams, cut into requests and answers."""

    session: int | None
    """Process or connection number at the server, once it has told."""

    def requests(self, data: bytes) -> list[Request]:
        """Take what arrived from the client, and return the requests that are complete."""

    def answers(self, data: bytes) -> list[tuple[bytes, bool]]:
        """Take what arrived from the server, and return its pieces: bytes, and whether they end an answer."""
