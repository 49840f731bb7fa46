"""What is wrong with a profile, gathered so that all of it is told at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from migrator.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that keeps a profile from being used."""

    message: str
    """What is wrong and what to write instead; never a secret."""
    file: str | None = None
    """Relative to the project's root; None: the process environment or the command line."""
    line: int | None = None
    place: str = ""
    """Where, when it is no file."""

    def __str__(self) -> str:
        """Such as ``env_profiles/prod.env:3: DB_PORT: ...``."""
        where = self.place if self.file is None else self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{where}: {self.message}" if where else self.message


def configuration_error(name: str, problems: Sequence[Problem]) -> ConfigurationError:
    """All problems of one profile as one error."""
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return ConfigurationError(
        f"The profile {name!r} cannot be used: {count}.",
        details=[str(problem) for problem in problems],
        remedy=f"correct {'it' if len(problems) == 1 else 'them'}, then: migrator profile check {name}".replace(
            " check process", " check"
        ),
    )
