"""How a move is carried out, wherever ``env.py`` leads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from migrator.database.keepalive import Keepalive
from migrator.database.ledger.concluding import RecordedRun
from migrator.database.light import LightConnection
from migrator.database.patience import Clock
from migrator.events import Listener
from migrator.execution.adapter.recording import RunStart
from migrator.profiles.care import Care


@dataclass(frozen=True, kw_only=True)
class Conduct:
    """How a move is to be carried out, wherever ``env.py`` leads."""

    care: Care
    start: Callable[[], RunStart]
    """Asked when a ledger is opened."""
    listen: Listener
    ends_at: float | None = None
    """Deadline by the clock; no attempt is made after it."""
    keepalive: Keepalive = field(default_factory=Keepalive)
    kill_blockers: float | None = None
    """Seconds after which a session in the way is ended; None: never."""
    second_connection: Callable[[Connection], Callable[[], LightConnection] | None] = lambda _connection: None
    """Gives what opens another connection to the same database, for the observer."""
    recorded: list[RecordedRun] = field(default_factory=list)
    """Filled as ledgers are opened: what remains to be concluded when a signal ends the run."""
    clock: Clock = field(default_factory=Clock)
