"""``migrator downgrade``."""

from __future__ import annotations

import click

from migrator.chain.model import Direction
from migrator.cli.moving import Patience, move, moving_options
from migrator.cli.options import Invocation, global_options
from migrator.cli.revisions import REVISION, RevisionCommand


@click.command("downgrade", cls=RevisionCommand)
@click.argument("revision", type=REVISION)
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
) -> None:
    """Take the database back to an earlier REVISION, such as -1, an id or base.

    A protected profile asks first, and refuses where nobody can answer, without --yes.

    \b
    Examples:
      migrator downgrade -1
      migrator downgrade ae1027a6acf --dry-run
      migrator downgrade heads:base --sql
    """
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
    )
