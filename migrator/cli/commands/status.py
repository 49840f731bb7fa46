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

    Exit code: 0 at head; 1 behind, empty or not stamped; 8 half applied; 9 diverged; 10 unreachable; 11 ahead of this
    code.

    \b
    Examples:
      migrator status
      migrator status --env prod --format json
    """
    from migrator.execution.account import accounts
    from migrator.report.standing import exit_code_of
    from migrator.report.status import status_as_dict, status_as_text

    project = project_of(invocation)
    gathered, found = accounts(project)
    show(invocation, status_as_text(project, gathered, found), status_as_dict(project, gathered, found))
    context.exit(exit_code_of(found))
