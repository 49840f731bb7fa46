"""``migrator downgrade``."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import click

from migrator.chain.model import Direction
from migrator.cli.moving import Patience, move, moving_options
from migrator.cli.opening import project_of
from migrator.cli.options import Invocation, global_options
from migrator.cli.revisions import REVISION, RevisionCommand
from migrator.project import Project


@click.command("downgrade", cls=RevisionCommand)
@click.argument("revision", type=REVISION)
@click.option(
    "--from-ledger",
    is_flag=True,
    help="Take revisions that this code does not have from the sources that the database's ledger keeps.",
)
@moving_options
@global_options
def command(
    invocation: Invocation,
    revision: str,
    sql: bool,
    tag: str | None,
    dry_run: bool,
    yes: bool,
    kill_blockers: float | None,
    patience: Patience,
    from_ledger: bool,
) -> None:
    """Take the database back to an earlier REVISION, such as -1, an id or base.

    A protected profile asks first, and refuses where nobody can answer, without --yes. Where newer code has migrated
    the database, --from-ledger lets this code take its revisions back.

    \b
    Examples:
      migrator downgrade -1
      migrator downgrade ae1027a6acf --dry-run
      migrator downgrade heads:base --sql
      migrator downgrade head --from-ledger
    """
    if from_ledger and sql:
        raise click.UsageError("--from-ledger asks the database, which --sql does not")
    project = project_of(invocation, overrides=patience)
    if from_ledger:
        from migrator.execution.stored_files import target_here

        revision = target_here(project, revision)
    with _with_files(project, invocation, from_ledger=from_ledger) as project:
        move(
            invocation,
            Direction.DOWNGRADE,
            revision,
            sql=sql,
            tag=tag,
            dry_run=dry_run,
            yes=yes,
            kill_blockers=kill_blockers,
            patience=patience,
            project=project,
        )


def _with_files(project: Project, invocation: Invocation, *, from_ledger: bool) -> AbstractContextManager[Project]:
    if not from_ledger:
        return nullcontext(project)
    from migrator.execution.stored_files import with_stored_files
    from migrator.report.waiting import notices

    return with_stored_files(project, notices(quiet=invocation.quiet))
