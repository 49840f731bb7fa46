"""``migrator branches``."""

from __future__ import annotations

import click

from migrator.cli.opening import project_of, show
from migrator.cli.options import Invocation, global_options


@click.command("branches")
@click.option("-v", "--verbose", is_flag=True, help="Print all that is known of each branch point.")
@global_options
def command(invocation: Invocation, verbose: bool) -> None:
    """List the revisions that several others follow, and those that follow them.

    \b
    Examples:
      migrator branches
    """
    from migrator.report.listings import branches

    listing = branches(project_of(invocation, with_profile=False).chain, verbose=verbose)
    show(invocation, listing.text, listing.body)
