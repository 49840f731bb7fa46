"""Whether the schema suits the code that is about to use it: the answer, and what is said where it does not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from migrator.errors import ExitCode, MigratorError, Unreachable

if TYPE_CHECKING:
    from migrator.profiles.model import Profile

_PASSING_STATES: Final = frozenset({"55P03", "57014", "40P01", "25006"})
"""SQLSTATEs of a look that was cut short: by a lock, a timeout, a deadlock; a standby that is being promoted."""
_PASSING_NUMBERS: Final = frozenset({1205, 1213, 1969, 3024})
"""The same in the numbers of MySQL and MariaDB."""


class SchemaBehind(MigratorError):
    """The database does not have the schema that this code needs, or has not shown that it has."""

    exit_code = ExitCode.FINDINGS


class SchemaUnseen(SchemaBehind, Unreachable):
    """No server answered that could have shown its schema."""

    exit_code = ExitCode.UNREACHABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What a look at the version table has shown."""

    is_ready: bool
    current: tuple[str, ...] = ()
    """Revisions that the database is at."""
    pending: tuple[str, ...] = ()
    """Revisions that it lacks, first one first."""
    is_ahead: bool = False
    """It has revisions that this code does not know, and is good enough all the same."""
    reason: str = ""
    """Why it is not ready; never with a secret."""
    may_change: bool = True
    """Whether waiting may help."""
    is_reached: bool = True
    """Whether a server answered."""
    remedy: str = ""
    """What to do where a look could not be taken or waiting does not help."""


MIGRATING: Final = Readiness(
    is_ready=False, reason="migrator runs env.py in this process, and brings the database to its schema by itself"
)
"""The answer to an application that ``env.py`` imports: its database is not looked at, and nothing is waited for."""


def as_used(profile: Profile) -> Profile:
    """The profile without the way that only migrations take: the address in messages is the application's."""
    return replace(profile, migration_host=None, migration_port=None, migration_url=None)


def not_reached(error: BaseException, profile: Profile) -> Readiness:
    """What there is to say when the question was not answered.

    Args:
        error: of the driver, of SQLAlchemy or of this package.
        profile: whose database was asked.

    """
    from migrator.database.failures import cannot_connect, codes_of
    from migrator.runtime.pooling import PoolExhausted

    if isinstance(error, MigratorError):
        return Readiness(is_ready=False, reason=error.message, remedy=error.remedy or "", may_change=False)
    if isinstance(error, PoolExhausted):
        return Readiness(is_ready=False, reason=str(error).rstrip("."))
    used = as_used(profile)
    failure = cannot_connect(getattr(error, "orig", None) or error, used)
    sqlstate, number = codes_of(error)
    if failure.is_unexplained and (sqlstate or number):
        return _refused(failure.said, used, may_change=sqlstate in _PASSING_STATES or number in _PASSING_NUMBERS)
    return Readiness(
        is_ready=False,
        reason=f"{failure.message.rstrip('.')} (the driver said: {failure.said})",
        may_change=failure.may_pass,
        is_reached=False,
        remedy=failure.remedy or "",
    )


def _refused(said: str, profile: Profile, *, may_change: bool) -> Readiness:
    """The server answered, and did not let the version table be read."""
    return Readiness(
        is_ready=False,
        reason=f"{profile.location} refused to say where it is ({said})",
        may_change=may_change,
        remedy=f"let {profile.user or 'the user of the application'} read the version table: GRANT SELECT on it, "
        "and on PostgreSQL USAGE on its schema",
    )


def behind(found: Readiness, profile: Profile, *, waited: float = 0.0) -> SchemaBehind:
    """The error for a schema that does not suit the code.

    Args:
        found: at the last look.
        profile: whose database it is.
        waited: seconds.

    """
    after = f" after {waited:.0f} s" if waited >= 1 else ""
    where = as_used(profile).location
    if not found.is_reached:
        return SchemaUnseen(
            f"{found.reason}{after and ','}{after}.", where=where, state="nothing was changed", remedy=found.remedy
        )
    option = f" --env {profile.name}" if profile.source == "file" and profile.name != "local" else ""
    return SchemaBehind(
        f"The schema does not suit this code{after}: {found.reason}.",
        where=where,
        state=f"the database is at {', '.join(found.current) or 'no revision'}; nothing was changed"
        if found.current or found.pending
        else "nothing was changed",
        remedy=f"migrator upgrade{option}" if found.pending else found.remedy or f"migrator status{option}",
        details=found.pending,
    )
