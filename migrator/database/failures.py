"""What drivers raise, in this tool's words: no connection, and why; or a failed statement, with its code."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from migrator.errors import ExitCode, MigratorError, Unreachable
from migrator.profiles.address import for_migrations
from migrator.profiles.model import Profile
from migrator.redaction import redact


class Reason(StrEnum):
    """Why there is no connection."""

    REFUSED = "nothing listens there"
    NO_SUCH_HOST = "the host name is not known"
    TIMEOUT = "no answer in time"
    STARTING = "the server is starting or stopping"
    FULL = "the server has no connection left"
    LOST = "the connection was lost"
    LOGIN = "the login was refused"
    NO_SUCH_DATABASE = "the database does not exist"
    TLS = "no agreement on TLS"
    OTHER = "the driver gave up"


_PASSES: Final = frozenset(
    {Reason.REFUSED, Reason.NO_SUCH_HOST, Reason.TIMEOUT, Reason.STARTING, Reason.FULL, Reason.LOST}
)


class CannotConnect(Unreachable):
    """The database could not be reached or refused the login; says which, and whether waiting may help."""

    def __init__(self, message: str, *, reason: Reason, remedy: str, state: str | None = None, said: str = "") -> None:
        """Keep why."""
        super().__init__(message, remedy=remedy, state=state, details=[f"the driver said: {said}"] if said else [])
        self.reason = reason
        self.said = said

    @property
    def is_unexplained(self) -> bool:
        """Whether nothing is known but what the driver said."""
        return self.reason is Reason.OTHER

    @property
    def may_pass(self) -> bool:
        """Whether the same attempt may succeed a moment later."""
        return self.reason in _PASSES


def may_pass(error: Unreachable) -> bool:
    """Whether the same attempt may succeed a moment later; also for a connection that ``env.py`` made by itself."""
    if isinstance(error, CannotConnect):
        return error.may_pass
    return error.__cause__ is not None and reason_of(error.__cause__) in _PASSES


def after_waiting(error: Unreachable, seconds: float) -> Unreachable:
    """The error of the last attempt, with how long there was no answer."""
    return Unreachable(
        f"{error.message.rstrip('.')}; waited {seconds:.0f} s for it",
        where=error.where,
        state=error.state,
        remedy=error.remedy,
        details=error.details,
    )


class DatabaseError(MigratorError):
    """The server refused a statement."""

    exit_code = ExitCode.FAILED

    def __init__(self, message: str, *, sqlstate: str | None = None, number: int | None = None) -> None:
        """Keep the server's code: SQLSTATE, and MySQL's own number."""
        super().__init__(message)
        self.sqlstate = sqlstate
        self.number = number


_BY_SQLSTATE: Final = {
    "28P01": Reason.LOGIN,
    "28000": Reason.LOGIN,
    "3D000": Reason.NO_SUCH_DATABASE,
    "57P03": Reason.STARTING,
    "57P01": Reason.LOST,
    "57P02": Reason.LOST,
    "53300": Reason.FULL,
    "08000": Reason.LOST,
    "08003": Reason.LOST,
    "08006": Reason.LOST,
}
_BY_NUMBER: Final = {
    1044: Reason.LOGIN,
    1045: Reason.LOGIN,
    1698: Reason.LOGIN,
    1049: Reason.NO_SUCH_DATABASE,
    1040: Reason.FULL,
    1053: Reason.STARTING,
    2005: Reason.NO_SUCH_HOST,
    2006: Reason.LOST,
    2013: Reason.LOST,
    2026: Reason.TLS,
    3159: Reason.TLS,
}
_BY_TEXT: Final = (
    (re.compile(r"password authentication failed|role .* does not exist|no password supplied|pg_hba|Access denied"),
     Reason.LOGIN),
    (re.compile(r"database .* does not exist|Unknown database|unable to open database file"), Reason.NO_SUCH_DATABASE),
    (re.compile(r"SSL|TLS|certificate", re.IGNORECASE), Reason.TLS),
    (re.compile(r"starting up|shutting down|in recovery mode|not yet accepting"), Reason.STARTING),
    (re.compile(r"too many (clients|connections)|remaining connection slots"), Reason.FULL),
    (re.compile(r"failed to resolve host|[Nn]ame or service not known|could not translate|getaddrinfo"),
     Reason.NO_SUCH_HOST),
    (re.compile(r"Connection refused|Connect call failed|No such file or directory|ORA-12541|DPY-6005"),
     Reason.REFUSED),
    (re.compile(r"[Tt]imeout|timed out"), Reason.TIMEOUT),
    (re.compile(r"closed the connection|connection (is|was) closed|[Ll]ost connection|connection_lost|consuming input"),
     Reason.LOST),
)  # fmt: skip


def reason_of(error: BaseException) -> Reason:
    """Why a driver could not connect, from its exception or what it was caused by."""
    chain = list(_causes(error))
    for link in chain:
        reason = _by_code(link) or _by_type(link)
        if reason is not None:
            return reason
    for link in chain:
        for pattern, reason in _BY_TEXT:
            if pattern.search(str(link)):
                return reason
    return Reason.OTHER


def _by_code(error: BaseException) -> Reason | None:
    sqlstate, number = codes_of(error)
    return _BY_NUMBER.get(number or 0) or _BY_SQLSTATE.get(sqlstate or "")


def _by_type(error: BaseException) -> Reason | None:
    by_type: tuple[tuple[type[BaseException], Reason], ...] = (
        (ssl.SSLError, Reason.TLS),
        (socket.gaierror, Reason.NO_SUCH_HOST),
        (TimeoutError, Reason.TIMEOUT),
        (ConnectionRefusedError, Reason.REFUSED),
        (FileNotFoundError, Reason.REFUSED),
        (ConnectionResetError, Reason.LOST),
        (BrokenPipeError, Reason.LOST),
    )
    return next((reason for kind, reason in by_type if isinstance(error, kind)), None)


def codes_of(error: BaseException) -> tuple[str | None, int | None]:
    """SQLSTATE and MySQL's number of an exception of any driver here, or of SQLAlchemy around one."""
    for link in _causes(error):
        sqlstate = getattr(link, "sqlstate", None) or getattr(link, "pgcode", None)
        first = link.args[0] if link.args else None
        is_mysql = type(link).__module__.startswith(("pymysql", "asyncmy"))
        number = first if isinstance(first, int) and is_mysql else None
        if isinstance(sqlstate, str) or number is not None:
            return sqlstate if isinstance(sqlstate, str) else None, number
    return None, None


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        original = getattr(link, "orig", None)
        link = original if isinstance(original, BaseException) else link.__cause__ or link.__context__


def cannot_connect(error: BaseException, profile: Profile) -> CannotConnect:
    """The error to raise when a driver could not connect."""
    reason = reason_of(error)
    target = for_migrations(profile)
    said = redact(" ".join(str(error).split())) or type(error).__name__
    return CannotConnect(
        f"Cannot connect to {target.location}: {reason.value}.",
        reason=reason,
        remedy=_remedy(reason, profile, target),
        state="not reached; nothing was changed" if reason is not Reason.LOST else None,
        said=said,
    )


def statement_failure(error: BaseException, profile: Profile) -> MigratorError:
    """The error to raise when a statement failed: `DatabaseError`, or `CannotConnect` when the connection is gone."""
    sqlstate, number = codes_of(error)
    reason = _by_code(error)
    if reason is Reason.LOST or (sqlstate is None and number is None and reason_of(error) is Reason.LOST):
        return cannot_connect(error, profile)
    return DatabaseError(redact(str(error)), sqlstate=sqlstate, number=number)


def _remedy(reason: Reason, profile: Profile, target: Profile) -> str:
    show = "migrator profile show" + (f" --env {profile.name}" if profile.source == "file" else "")
    secret = "DB_PASS_COMMAND" if target.password_command else "DB_USER and DB_PASS"
    hints = {
        Reason.REFUSED: "start the server, or correct DB_HOST and DB_PORT",
        Reason.NO_SUCH_HOST: "correct DB_HOST",
        Reason.TIMEOUT: "look at DB_HOST, DB_PORT and the network between; DB_CONNECT_TIMEOUT sets the patience",
        Reason.STARTING: "wait, or set MIGRATOR_WAIT_FOR_DB",
        Reason.FULL: "close connections, or raise max_connections",
        Reason.LOGIN: f"correct {secret}, or what the server allows",
        Reason.NO_SUCH_DATABASE: "create the folder of the file, or correct DB_NAME"
        if target.dialect == "sqlite"
        else f"create it, or correct DB_NAME={target.database}",
        Reason.TLS: f"DB_SSLMODE is {target.sslmode}: set what the server offers, or give DB_SSLROOTCERT",
    }
    return f"{hints[reason]}; where each value comes from: {show}" if reason in hints else show
