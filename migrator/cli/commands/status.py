"""``migrator status``."""

from __future__ import annotations

import click

from migrator.cli.opening import project_of, show
from migrator.cli.options import Invocation, global_options


@click.command("status")
@global_options
@click.pass_context
def command(context: click.Context, invocation: Invocation) -> None:
    """Say where the database is, what is pending and what to type next.

    Exit code: 0 at head; 1 behind, empty or not stamped; 9 diverged; 11 ahead of this code; 10 unreachable.

    \b
    Examples:
      migrator status
      migrator status --env prod --format json
    """
    from migrator.execution.listing import positions
    from migrator.report.status import exit_code_of, status_as_dict, status_as_text

    project = project_of(invocation)
    gathered, found = positions(project, with_server=True)
    show(invocation, status_as_text(project, gathered, found), status_as_dict(project, gathered, found))
    context.exit(exit_code_of(found))
