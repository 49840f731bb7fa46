"""``migrator upgrade``."""

from __future__ import annotations

import click

from migrator.chain.model import Direction
from migrator.cli.moving import Patience, move, moving_options
from migrator.cli.options import Invocation, global_options
from migrator.cli.revisions import REVISION, RevisionCommand


@click.command("upgrade", cls=RevisionCommand)
@click.argument("revision", default="heads", type=REVISION)
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
    """Bring the database to a later REVISION (default: heads).

    Each revision is one transaction. Afterwards the database is read again, to prove that it is where the plan said.
    With nothing to do it returns at once; otherwise it waits until no other process migrates the same database.
    A protected profile asks before it drops or deletes something, and refuses where nobody can answer, without --yes.

    \b
    Examples:
      migrator upgrade
      migrator upgrade --env prod
      migrator upgrade --env prod --wait 60s --lock-wait 10min
      migrator upgrade --env prod --deadline 5min --lock-timeout 1s
      migrator upgrade +1 --dry-run
      migrator upgrade ae10:heads --sql > upgrade.sql
    """
    move(
        invocation,
        Direction.UPGRADE,
        revision,
        sql=sql,
        tag=tag,
        dry_run=dry_run,
        yes=yes,
        kill_blockers=kill_blockers,
        patience=patience,
    )
