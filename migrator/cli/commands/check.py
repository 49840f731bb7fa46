"""``migrator check``."""

from __future__ import annotations

import click

from migrator.cli.opening import project_of, show
from migrator.cli.options import Invocation, global_options


@click.command("check")
@click.option(
    "--chain", "chain_only", is_flag=True, help="Only read the revision files: no database, nothing executed."
)
@click.option("--base", metavar="REF", help="Also compare the revisions with those of a git ref, such as origin/main.")
@click.option(
    "--import", "executed", multiple=True, metavar="FILE", help="Execute this one file to learn computed ids."
)
@global_options
@click.pass_context
def command(
    context: click.Context, invocation: Invocation, chain_only: bool, base: str | None, executed: tuple[str, ...]
) -> None:
    """Check the chain and, on a scratch database, the models against the history.

    With --env, the profile's database is asked for its ledger too: which of its revisions were edited since they were
    applied, deleted, or cut half way. Nothing is written there. Exit code: 0 sound; 1 findings; 4 the chain is broken.

    \b
    Examples:
      migrator check
      migrator check --chain
      migrator check --chain --base origin/main
      migrator check --env prod
    """
    from migrator.report.checks import check_as_dict, check_as_text
    from migrator.verification.check import CheckRequest, check

    against_ledger = invocation.env is not None and not chain_only
    request = CheckRequest(chain_only=chain_only, base=base, against_ledger=against_ledger)
    project = project_of(invocation, with_profile=not chain_only, executed=executed)
    report = check(project, request)
    show(invocation, check_as_text(report), check_as_dict(report))
    context.exit(report.exit_code)
