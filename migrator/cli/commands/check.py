"""``migrator check``."""

from __future__ import annotations

from functools import partial

import click

from migrator.cli.opening import project_of, show
from migrator.cli.options import Invocation, global_options
from migrator.cli.outputs import FormatAndFile, write_outputs

_FORMATS = ("text", "json", "github", "sarif", "junit", "markdown")


@click.command("check")
@click.option(
    "--chain", "chain_only", is_flag=True, help="Only read the revision files: no database, nothing executed."
)
@click.option(
    "--base",
    "--since",
    "base",
    metavar="REF",
    help="Also compare the revisions with those of a git ref, such as origin/main, and let only those that are new "
    "make a round trip. In the job of a pull request: the branch that it is for.",
)
@click.option(
    "--round-trips",
    type=click.Choice(["all", "since", "none"]),
    help="Which revisions go up, down and up again on a scratch database (default: since, with a base; else all).",
)
@click.option("--no-cache", is_flag=True, help="Look again at what has not changed since it was last looked at.")
@click.option(
    "--output", "outputs", multiple=True, type=FormatAndFile(_FORMATS), help="Also write the report to a file."
)
@click.option(
    "--import", "executed", multiple=True, metavar="FILE", help="Execute this one file to learn computed ids."
)
@partial(global_options, formats=_FORMATS)
@click.pass_context
def command(
    context: click.Context,
    invocation: Invocation,
    chain_only: bool,
    base: str | None,
    round_trips: str | None,
    no_cache: bool,
    outputs: tuple[tuple[str, str], ...],
    executed: tuple[str, ...],
) -> None:
    """Check the chain and, on a scratch database, the models against the history and each revision's round trip.

    With --env, the profile's database is asked for its ledger too: which of its revisions were edited since they were
    applied, deleted, or cut half way. Nothing is written there. What has not changed since it was checked is not run
    again. Exit code: 0 sound; 1 findings; 4 the chain is broken; 9 a revision does not make its round trip.

    \b
    Examples:
      migrator check
      migrator check --chain
      migrator check --chain --base origin/main
      migrator check --since origin/main --format github
      migrator check --format github --output sarif=migrations.sarif --output markdown=comment.md
      migrator check --env prod
    """
    from migrator.report.checks import check_as_dict
    from migrator.report.formats import check_in_format
    from migrator.report.progress import progress
    from migrator.verification.check import CheckRequest, RoundTrips, check

    request = CheckRequest(
        chain_only=chain_only,
        base=base,
        against_ledger=invocation.env is not None and not chain_only,
        round_trips=RoundTrips(round_trips) if round_trips else None,
        cached=not no_cache,
    )
    project = project_of(invocation, with_profile=not chain_only, executed=executed)
    with progress(quiet=invocation.quiet, each_step=False) as listen:
        report = check(project, request, listen)
    write_outputs(outputs, partial(check_in_format, report))
    show(invocation, check_in_format(report, invocation.format), check_as_dict(report))
    context.exit(report.exit_code)
