"""``migrator resolve``."""

from __future__ import annotations

import click

from migrator.cli.moving import Patience, patience_options
from migrator.cli.opening import project_of, show
from migrator.cli.options import Invocation, global_options
from migrator.cli.revisions import REVISION, RevisionCommand


@click.command("resolve", cls=RevisionCommand)
@click.argument("revision", type=REVISION)
@click.option("--applied", "outcome", flag_value="applied", help="The schema is where the revision ends.")
@click.option("--reverted", "outcome", flag_value="reverted", help="The schema is where the revision begins.")
@click.option("-y", "--yes", is_flag=True, help="It is meant, on a protected profile too.")
@patience_options
@global_options
def command(invocation: Invocation, revision: str, outcome: str | None, yes: bool, patience: Patience) -> None:
    """Settle a half-applied REVISION by hand.

    Where a revision was cut half way and cannot be finished by running it again, `migrator status` shows which of its
    statements took effect. Bring the schema to where the revision ends, or back to where it begins; then say which.
    No statement of the revision is run.

    \b
    Examples:
      migrator resolve ae1027a6acf --applied
      migrator resolve ae1027a6acf --reverted --env prod --yes
    """
    from migrator.execution.resolving import ResolveRequest, settle
    from migrator.report.runs import resolve_as_dict, resolve_as_text
    from migrator.report.waiting import notices

    if outcome is None:
        raise click.UsageError("say --applied or --reverted")
    project = project_of(invocation, overrides=patience)
    request = ResolveRequest(revision=revision, is_applied=outcome == "applied", confirmed=yes)
    report = settle(project, request, listen=notices(quiet=invocation.quiet, as_json=invocation.as_json))
    show(invocation, resolve_as_text(report), resolve_as_dict(report))
