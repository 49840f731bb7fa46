"""``migrator edit``."""

from __future__ import annotations

import click

from migrator.cli.opening import project_of, tell
from migrator.cli.options import Invocation, global_options
from migrator.cli.revisions import REVISION, RevisionCommand
from migrator.errors import UsageError


@click.command("edit", cls=RevisionCommand)
@click.argument("revision", type=REVISION)
@global_options
def command(invocation: Invocation, *, revision: str) -> None:
    """Open the file of REVISION in $VISUAL or $EDITOR, and read the chain again afterwards.

    \b
    Examples:
      migrator edit head
      migrator edit ae10
      migrator edit current
    """
    from migrator.execution.revising import files_named

    project = project_of(invocation, with_profile=revision == "current")
    files = files_named(project, revision)
    try:
        for path in files:
            click.edit(filename=path)
    except click.ClickException as failure:
        raise UsageError(
            failure.message, remedy="set EDITOR to a program that can be started, such as vim"
        ) from failure
    project_of(invocation, with_profile=False).reading.require_sound()
    tell(invocation, "The chain is sound.")
