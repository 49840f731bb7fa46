"""``migrator adopt``."""

from __future__ import annotations

import click

from migrator.cli.moving import Patience, patience_options
from migrator.cli.opening import project_of, show
from migrator.cli.options import Invocation, global_options
from migrator.cli.revisions import REVISION, RevisionCommand


@click.command("adopt", cls=RevisionCommand)
@click.argument("revision", required=False, type=REVISION)
@click.option("--dry-run", is_flag=True, help="Say which revision the database is at and write nothing.")
@click.option("-y", "--yes", is_flag=True, help="Stamp a protected profile.")
@patience_options
@global_options
def command(invocation: Invocation, revision: str | None, dry_run: bool, yes: bool, patience: Patience) -> None:
    """Stamp a database that has tables and no version row, once it is proved which revision it is.

    The history is built revision by revision on a scratch database, and its schema is compared with that of the
    database after each. Only an equal one is stamped; else the nearest ones are named with what differs, and the exit
    code is 9. With REVISION, only that one is built and compared.

    \b
    Examples:
      migrator adopt --dry-run
      migrator adopt --env prod --yes
      migrator adopt ae1027a6acf
    """
    from migrator.report.adopt import adopt_as_dict, adopt_as_text
    from migrator.report.waiting import notices
    from migrator.verification.adopt import AdoptRequest, adopt

    project = project_of(invocation, overrides=patience)
    request = AdoptRequest(revision=revision, dry_run=dry_run, confirmed=yes)
    report = adopt(project, request, notices(quiet=invocation.quiet, as_json=invocation.as_json))
    show(invocation, adopt_as_text(report), adopt_as_dict(report))
