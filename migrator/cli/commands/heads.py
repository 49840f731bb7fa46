"""``migrator heads``."""

from __future__ import annotations

import click

from migrator.cli.opening import project_of, show
from migrator.cli.options import Invocation, global_options


@click.command("heads")
@click.option("-v", "--verbose", is_flag=True, help="Print all that is known of each head.")
@click.option("--resolve-dependencies", is_flag=True, help="Count revisions that others depend on as no heads.")
@global_options
def command(invocation: Invocation, verbose: bool, resolve_dependencies: bool) -> None:
    """Print the heads of the chain; no database is asked and no revision file is executed.

    \b
    Examples:
      migrator heads
      migrator heads --verbose
    """
    from migrator.report.listings import heads

    listing = heads(project_of(invocation, with_profile=False).chain, verbose=verbose, effective=resolve_dependencies)
    show(invocation, listing.text, listing.body)
