"""The versions of Alembic and SQLAlchemy that this room is written for; a project's environment may pin older ones."""

from __future__ import annotations

from importlib import import_module

from migrator.errors import ConfigurationError

NEEDED = {"SQLAlchemy": (2, 0, 40), "alembic": (1, 16)}
"""The same as in ``pyproject.toml``, which an installation with ``--no-deps`` or a later ``pip install`` goes past."""


def version(distribution: str) -> str:
    """The version of a package that is about to be used anyway; reading its metadata would take longer."""
    return str(import_module(distribution.lower()).__version__)


def require_versions() -> None:
    """Compare what is installed with what is needed.

    Raises:
        ConfigurationError: something is too old.

    """
    installed = {name: version(name) for name in NEEDED}
    old = [
        f"{name} {installed[name]}, where {_dotted(needed)} or newer is needed"
        for name, needed in NEEDED.items()
        if _numbers(installed[name]) < needed
    ]
    if old:
        wanted = " ".join(f"'{name}>={_dotted(needed)}'" for name, needed in NEEDED.items())
        raise ConfigurationError(
            f"migrator cannot run revisions in this environment: it has {'; '.join(old)}",
            state="nothing was run",
            remedy="what only reads the files works here: migrator check --chain, heads, history, show; "
            f"for the rest: pip install {wanted}",
        )


def _numbers(text: str) -> tuple[int, ...]:
    """The leading numbers: ``2.1.0b1`` is ``(2, 1, 0)``."""
    numbers: list[int] = []
    for part in text.split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits:
            break
        numbers.append(int(digits))
        if digits != part:
            break
    return tuple(numbers)


def _dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(str(number) for number in numbers)
