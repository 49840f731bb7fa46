"""``migrator stamp``."""

from __future__ import annotations

import sys

import click

from migrator.cli.moving import Patience, patience_options
from migrator.cli.opening import project_of, show, tell
from migrator.cli.options import Invocation, global_options
from migrator.cli.revisions import REVISION, RevisionCommand


@click.command("stamp", cls=RevisionCommand)
@click.argument("revisions", nargs=-1, required=True, type=REVISION)
@click.option("--sql", is_flag=True, help="Print the SQL instead of running it.")
@click.option("--tag", metavar="TEXT", help="Tag that env.py may read with context.get_tag_argument().")
@click.option("--purge", is_flag=True, help="Delete every version row first, unknown ones too.")
@click.option("--dry-run", is_flag=True, help="Say what the version table would hold and write nothing.")
@click.option("--verify", is_flag=True, help="First prove that the schema is the one of those revisions.")
@click.option("-y", "--yes", is_flag=True, help="Stamp a protected profile.")
@patience_options
@global_options
def command(
    invocation: Invocation,
    revisions: tuple[str, ...],
    sql: bool,
    tag: str | None,
    purge: bool,
    dry_run: bool,
    verify: bool,
    yes: bool,
    patience: Patience,
) -> None:
    """Write REVISIONS into the version table without running anything.

    With --verify, the history is built up to there on a scratch database first, and nothing is stamped unless its
    schema equals that of the database (exit code 9). Which revision a database is: migrator adopt.

    \b
    Examples:
      migrator stamp head
      migrator stamp head --verify
      migrator stamp --purge ae1027a6acf
    """
    from migrator.execution import stamping
    from migrator.report.header import header
    from migrator.report.runs import stamp_as_dict, stamp_as_text
    from migrator.report.waiting import notices

    project = project_of(invocation, overrides=patience)
    request = stamping.StampRequest(targets=revisions, purge=purge, dry_run=dry_run, confirmed=yes, tag=tag)
    if sql and verify:
        raise click.UsageError("--verify needs the database, so it cannot be combined with --sql")
    if sql:
        stamping.write_stamp_sql(project, request, output=sys.stdout)
        return
    listen = notices(quiet=invocation.quiet, as_json=invocation.as_json)
    if verify:
        from migrator.verification.adopt import require_schema_of

        require_schema_of(project, request, listen)
    report = stamping.stamp(
        project,
        request,
        announce=lambda gathered: tell(invocation, header(project, gathered)),
        listen=listen,
    )
    show(invocation, stamp_as_text(report), stamp_as_dict(report))
