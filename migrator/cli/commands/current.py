"""``migrator current``."""

from __future__ import annotations

from functools import partial

import click

from migrator.cli.opening import project_of, show, tell
from migrator.cli.options import Invocation, global_options


@click.command("current")
@click.option("-v", "--verbose", is_flag=True, help="Print all that is known of each revision.")
@click.option("-c", "--check-heads", is_flag=True, help="Exit with an error unless the database is at every head.")
@partial(global_options, short_config=False)
def command(invocation: Invocation, verbose: bool, check_heads: bool) -> None:
    """Print the revision that the database is on.

    \b
    Examples:
      migrator current
      migrator current --check-heads --env prod
    """
    from migrator.execution.listing import positions
    from migrator.report.current import current_listing, require_heads
    from migrator.report.header import header

    project = project_of(invocation)
    gathered, found = positions(project)
    tell(invocation, header(project, gathered))
    listing = current_listing(project.chain, found, verbose=verbose)
    show(invocation, listing.text, listing.body)
    require_heads(found, check_heads=check_heads)
