"""What a run is about, and how it ended: what everybody who is told of it needs to know."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.chain.model import Direction
from migrator.errors import ExitCode, exit_code_of
from migrator.execution.results import RunReport
from migrator.profiles.address import for_migrations
from migrator.profiles.model import Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A move of one database, as it was asked for."""

    direction: Direction
    target: str
    profile: str = ""
    """Name of the profile; empty where ``env.py`` alone knows the connection."""
    location: str = ""
    """For people, never with a password."""
    dialect: str = ""
    database: str = ""
    address: str = ""
    """Host, or folder of the Unix socket."""
    port: int | None = None


def subject_of(profile: Profile | None, direction: Direction, target: str) -> Subject:
    """What a command is about to do."""
    if profile is None:
        return Subject(direction=direction, target=target)
    address = for_migrations(profile)
    return Subject(
        direction=direction,
        target=target,
        profile=profile.name,
        location=profile.location,
        dialect=address.dialect,
        database=address.database or "",
        address=address.host or "",
        port=address.port,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a run ended."""

    outcome: str
    """``done``, ``nothing_to_do``, or the name of the exit code in lower case."""
    exit_code: ExitCode
    seconds: float
    error: BaseException | None = None

    @property
    def by_signal(self) -> bool:
        """Whether somebody waits for the process to go away."""
        return self.exit_code in {ExitCode.INTERRUPTED, ExitCode.TERMINATED}


def ending_of(result: RunReport | BaseException, seconds: float) -> Ending:
    """The ending that a report, or whatever was raised instead of one, means."""
    if isinstance(result, RunReport):
        outcome = result.outcome.value.replace(" ", "_")
        return Ending(outcome=outcome, exit_code=ExitCode.DONE, seconds=seconds)
    code = exit_code_of(result)
    return Ending(outcome=code.name.lower(), exit_code=code, seconds=seconds, error=result)
