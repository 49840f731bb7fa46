"""``migrator drift``."""

from __future__ import annotations

import click

from migrator.cli.moving import Patience, patience_options
from migrator.cli.opening import project_of, show
from migrator.cli.options import Invocation, global_options


@click.command("drift")
@click.option("--privileges", is_flag=True, help="Compare grants too; roles live outside of histories.")
@click.option("--write-revision", is_flag=True, help="Write a revision that makes the history like the database.")
@click.option("-m", "--message", metavar="TEXT", help="What that revision does.")
@click.option("--head", default="head", metavar="REV", help="Revision that it builds on (default: head).")
@patience_options
@global_options
@click.pass_context
def command(
    context: click.Context,
    invocation: Invocation,
    privileges: bool,
    write_revision: bool,
    message: str | None,
    head: str,
    patience: Patience,
) -> None:
    """Compare the database with what its history builds at the revision that it is on.

    Neither the head nor the models: pending revisions are no drift. The history is built on a scratch database; the
    live one is read in one transaction that cannot write, once nobody migrates it. Exit code: 0 none; 9 drift; 1 only
    wrong patterns in [tool.migrator.drift]; 11 the database is at a revision that this code does not have.

    \b
    Examples:
      migrator drift --env prod
      migrator drift --env prod --format json
      migrator drift --env prod --write-revision -m "index made by hand in June"
    """
    from migrator.execution.revising import RevisionWish
    from migrator.report.drift import drift_as_dict, drift_as_text
    from migrator.report.waiting import notices
    from migrator.verification.drift.detecting import find_drift
    from migrator.verification.drift.model import DriftRequest

    wish = RevisionWish(message=message or "drift", head=head) if write_revision else None
    project = project_of(invocation, overrides=patience)
    listen = notices(quiet=invocation.quiet, as_json=invocation.as_json)
    report = find_drift(project, DriftRequest(privileges=privileges, write=wish), listen)
    show(invocation, drift_as_text(project, report), drift_as_dict(project, report))
    context.exit(report.exit_code)
