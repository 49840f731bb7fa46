"""The error tree and the only table of exit codes.

An error says what happened, where, what state the database is in now, and the exact command to type next. The command
line prints those four parts and exits with the error's code; nothing else in the package knows exit codes.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar

from migrator.interruption import Termination

if TYPE_CHECKING:
    from migrator.findings import Finding


class ExitCode(IntEnum):
    """What a process of this tool tells its caller. A refusal is never 0."""

    DONE = 0
    FINDINGS = 1
    USAGE = 2
    CONFIGURATION = 3
    CHAIN = 4
    LOCK = 5
    REFUSED = 6
    FAILED = 7
    PARTLY_APPLIED = 8
    VERIFICATION = 9
    UNREACHABLE = 10
    AHEAD = 11
    FLEET = 12
    INTERNAL = 70
    INTERRUPTED = 130
    TERMINATED = 143


class MigratorError(Exception):
    """Something that the user must know about; never shown as a traceback without ``--debug``."""

    exit_code: ClassVar[ExitCode] = ExitCode.INTERNAL

    def __init__(
        self,
        message: str,
        *,
        where: str | None = None,
        state: str | None = None,
        remedy: str | None = None,
        details: Sequence[str] = (),
    ) -> None:
        """Keep the four parts of an error.

        Args:
            message: what happened, one sentence.
            where: ``file:line``, revision or table.
            state: what state the database is in now; None when no database was touched.
            remedy: the exact command or edit to do next.
            details: further lines, one problem each.

        """
        super().__init__(message)
        self.message = message
        self.where = where
        self.state = state
        self.remedy = remedy
        self.details = tuple(details)


class UsageError(MigratorError):
    """The command line asks for something that does not exist or does not fit together."""

    exit_code = ExitCode.USAGE


class ConfigurationError(MigratorError):
    """A profile, ``alembic.ini``, ``pyproject.toml`` or ``env.py`` cannot be used as it is."""

    exit_code = ExitCode.CONFIGURATION


class ChainError(MigratorError):
    """The revision files do not form a sound chain."""

    exit_code = ExitCode.CHAIN

    def __init__(self, message: str, *, findings: Sequence[Finding] = (), remedy: str | None = None) -> None:
        """Keep the findings that make the chain unsound."""
        super().__init__(message, remedy=remedy)
        self.findings = tuple(findings)


class LockNotObtained(MigratorError):
    """Another process holds the migration lock."""

    exit_code = ExitCode.LOCK


class Refused(MigratorError):
    """A policy forbids what was asked for; nothing was done."""

    exit_code = ExitCode.REFUSED


class RunFailed(MigratorError):
    """A revision failed and nothing was applied."""

    exit_code = ExitCode.FAILED


class PartlyApplied(MigratorError):
    """A revision failed after others, or part of itself, had been applied."""

    exit_code = ExitCode.PARTLY_APPLIED


class Interrupted(MigratorError):
    """Ctrl-C or SIGINT ended a run."""

    exit_code = ExitCode.INTERRUPTED


class Terminated(MigratorError):
    """SIGTERM ended a run."""

    exit_code = ExitCode.TERMINATED


class VerificationFailed(MigratorError):
    """The database is not where the plan said it would be."""

    exit_code = ExitCode.VERIFICATION


class Unreachable(MigratorError):
    """The database could not be reached or refused the login."""

    exit_code = ExitCode.UNREACHABLE


class AheadOfCode(MigratorError):
    """The database holds revisions that this code does not know."""

    exit_code = ExitCode.AHEAD


def exit_code_of(error: BaseException) -> ExitCode:
    """The exit code of a process that this error ends."""
    if isinstance(error, MigratorError):
        return error.exit_code
    if isinstance(error, Termination):
        return ExitCode.TERMINATED
    return ExitCode.INTERRUPTED if isinstance(error, KeyboardInterrupt) else ExitCode.INTERNAL


def error_parts(error: BaseException) -> dict[str, object]:
    """An error for a program: its kind, its exit code, and the parts that it is made of."""
    known = error if isinstance(error, MigratorError) else MigratorError(str(error) or type(error).__name__)
    return {
        "kind": type(error).__name__,
        "exit_code": int(exit_code_of(error)),
        "message": known.message,
        "where": known.where,
        "state": known.state,
        "remedy": known.remedy,
        "details": list(known.details),
    }
