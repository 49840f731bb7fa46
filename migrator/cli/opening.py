"""From the global options to the project in hand, and from a result to stdout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

from migrator.cli.options import Invocation
from migrator.project import Project, open_project


def project_of(
    invocation: Invocation,
    *,
    with_profile: bool = True,
    executed: Sequence[str] = (),
    overrides: Mapping[str, str | None] | None = None,
) -> Project:
    """Open the project that the options name; say what the process environment changed about a protected profile.

    ``overrides`` are settings that options of the command itself give; None: not given.
    """
    project = open_project(
        env=invocation.env,
        config=invocation.config,
        section=invocation.section,
        x=invocation.x,
        executed=executed,
        with_profile=with_profile,
        overrides={name: value for name, value in (overrides or {}).items() if value is not None},
    )
    if project.profile is not None and project.profile.overridden:
        named = ", ".join(project.profile.overridden)
        tell(invocation, f"Note: the process environment overrides {named} of protected profile {project.profile.name}")
    return project


def show(invocation: Invocation, text: str, body: object) -> None:
    """Print a result on stdout: the text, or the JSON body when that was asked for."""
    from migrator.redaction import redact

    shown = text
    if invocation.as_json:
        import json

        shown = json.dumps(body, ensure_ascii=False, indent=2)
    if shown:
        click.echo(redact(shown))


def tell(invocation: Invocation, text: str) -> None:
    """Print something beside the result on stderr, unless ``--quiet``."""
    from migrator.redaction import redact

    if not invocation.quiet and text:
        click.echo(redact(text), err=True)


def warn(lines: Sequence[str]) -> None:
    """Print warnings on stderr, with ``--quiet`` too."""
    from migrator.redaction import redact

    for line in lines:
        click.echo(redact(f"Warning: {line}"), err=True)
