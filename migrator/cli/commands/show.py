"""``migrator show``."""

from __future__ import annotations

import click

from migrator.cli.opening import project_of, show
from migrator.cli.options import Invocation, global_options
from migrator.cli.revisions import REVISION, RevisionCommand


@click.command("show", cls=RevisionCommand)
@click.argument("revision", type=REVISION)
@global_options
def command(invocation: Invocation, revision: str) -> None:
    """Show one REVISION: its place in the chain, file and operations. `current` is the database's.

    \b
    Examples:
      migrator show head
      migrator show ae10
      migrator show current --env prod
    """
    from migrator.execution.listing import revisions_named
    from migrator.report.listings import shown

    project = project_of(invocation, with_profile=revision == "current")
    listing = shown(project.chain, revisions_named(project, revision))
    show(invocation, listing.text, listing.body)
