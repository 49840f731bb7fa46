"""``migrator verify``."""

from __future__ import annotations

import click

from migrator.cli.opening import project_of, show
from migrator.cli.options import Invocation, global_options
from migrator.cli.revisions import REVISION


@click.command("verify")
@click.option("--since", metavar="REF", help="Only revisions that are new or edited against a git ref.")
@click.option("--last", type=click.IntRange(min=1), metavar="N", help="Only the last N revisions.")
@click.option("--only", type=REVISION, multiple=True, metavar="REV", help="Only this revision; may be repeated.")
@click.option("--with-data/--without-data", default=True, help="Hold rows in the tables meanwhile (default: with).")
@global_options
@click.pass_context
def command(
    context: click.Context,
    invocation: Invocation,
    since: str | None,
    last: int | None,
    only: tuple[str, ...],
    with_data: bool,
) -> None:
    """Run each revision up, down and up again on a scratch database, and compare the schema after each step.

    What a downgrade leaves behind, loses or changes is told with the lines that it lacks. The profile's own database
    is not touched. Exit code: 0 every round trip was exact; 9 something was found.

    \b
    Examples:
      migrator verify
      migrator verify --since origin/main
      migrator verify --last 3
      migrator verify --only ae10 --without-data
      migrator verify --format json
    """
    from migrator.report.progress import progress
    from migrator.report.verification import verification_as_dict, verification_as_text
    from migrator.verification.roundtrips import VerifyRequest, verify

    request = VerifyRequest(since=since, last=last, only=only, with_data=with_data)
    project = project_of(invocation)
    with progress(quiet=invocation.quiet, as_json=invocation.as_json) as listen:
        report = verify(project, request, listen)
    show(invocation, verification_as_text(report), verification_as_dict(report))
    context.exit(report.exit_code)
