"""What every command accepts, before or after its name, gathered into one value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

import click


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """The choices that hold for any command."""

    env: str | None = None
    """Name of the profile; None leaves it to ``MIGRATOR_ENV``, then ``local``."""
    config: tuple[str, ...] = ()
    """``alembic.ini`` and/or ``pyproject.toml`` as given with ``-c``."""
    section: str = "alembic"
    """Section of the ini file, ``-n``."""
    x: tuple[str, ...] = ()
    """``-x key=value`` arguments for ``env.py``."""
    format: str = "text"
    quiet: bool = False
    debug: bool = False

    @property
    def as_json(self) -> bool:
        """Whether results go to stdout as JSON."""
        return self.format == "json"


def _options(*, short_config: bool, formats: Sequence[str]) -> tuple[Callable[[Any], Any], ...]:
    return (
        click.option("--env", metavar="NAME", help="Profile to use: env_profiles/NAME.env. [env var: MIGRATOR_ENV]"),
        click.option(
            *(("-c", "--config") if short_config else ("--config",)),
            multiple=True,
            metavar="FILE",
            help="alembic.ini or pyproject.toml. [env var: ALEMBIC_CONFIG]",
        ),
        click.option("-n", "--name", "section", metavar="SECTION", help="Section of the ini file (default: alembic)."),
        click.option("-x", "x", multiple=True, metavar="KEY=VALUE", help="Argument for env.py; may be repeated."),
        click.option("--format", type=click.Choice(formats), help="How to print the result (default: text)."),
        click.option("-q", "--quiet", is_flag=True, default=None, help="No progress and no header."),
        click.option("--debug", is_flag=True, default=None, help="Show a traceback when something fails."),
    )


def global_options(
    function: Callable[..., Any], *, short_config: bool = True, formats: Sequence[str] = ("text", "json")
) -> Callable[..., Any]:
    """Give a command the global options and pass them as one ``invocation``, the command's own over the group's.

    Args:
        function: the command's body.
        short_config: whether ``-c`` means ``--config``; Alembic's ``current -c`` means something else.
        formats: what the result can be printed as.

    """

    @wraps(function)
    def with_invocation(*args: Any, **kwargs: Any) -> Any:
        context = click.get_current_context()
        outer = context.find_object(Invocation) or Invocation()
        given = {
            name: value
            for name in ("env", "config", "section", "x", "format", "quiet", "debug")
            if (value := kwargs.pop(name)) not in (None, ())
        }
        context.obj = replace(outer, **given)
        return function(*args, invocation=context.obj, **kwargs)

    for option in reversed(_options(short_config=short_config, formats=formats)):
        with_invocation = option(with_invocation)
    return with_invocation
