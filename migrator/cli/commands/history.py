"""``migrator history``."""

from __future__ import annotations

import click

from migrator.cli.opening import project_of, show
from migrator.cli.options import Invocation, global_options


@click.command("history")
@click.option(
    "-r", "--rev-range", metavar="START:END", help="Only these revisions; `current` stands for the database's."
)
@click.option("-v", "--verbose", is_flag=True, help="Print all that is known of each revision.")
@click.option("-i", "--indicate-current", is_flag=True, help="Mark the revision that the database is on.")
@global_options
def command(invocation: Invocation, rev_range: str | None, verbose: bool, indicate_current: bool) -> None:
    """List the revisions, newest first.

    \b
    Examples:
      migrator history
      migrator history -r ae10:heads
      migrator history -r -3:current --env prod
    """
    from migrator.execution.listing import history_of
    from migrator.report.listings import history

    asks_database = indicate_current or "current" in (rev_range or "")
    project = project_of(invocation, with_profile=asks_database)
    revisions, current = history_of(project, rev_range, asks_database=asks_database)
    listing = history(project.chain, revisions, current, verbose=verbose)
    show(invocation, listing.text, listing.body)
