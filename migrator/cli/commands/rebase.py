"""``migrator rebase``."""

from __future__ import annotations

import click

from migrator.cli.opening import project_of, show
from migrator.cli.options import Invocation, global_options
from migrator.cli.revisions import REVISION, RevisionCommand


@click.command("rebase", cls=RevisionCommand)
@click.argument("revision", type=REVISION)
@click.option("--onto", metavar="REV", help="The new parent (default: the only other head).")
@click.option(
    "--base", metavar="REF", help="Git ref whose revisions are published (default: the remote's main branch)."
)
@click.option("--dry-run", is_flag=True, help="Say what would be changed and write nothing.")
@global_options
def command(invocation: Invocation, *, revision: str, onto: str | None, base: str | None, dry_run: bool) -> None:
    """Put the unpublished REVISION, with all that builds on it, on top of the current head.

    Changes down_revision and the docstring's Revises line of one file and nothing else. Refused for revisions that
    are in the base ref or applied in the profile's database.

    \b
    Examples:
      migrator rebase ae1027a6acf
      migrator rebase ae10 --onto head_of_main --dry-run
      migrator rebase ae10 --base origin/release
    """
    from migrator.execution.rebasing import rebase
    from migrator.report.rebases import rebased_as_dict, rebased_as_text

    project = project_of(invocation)
    result = rebase(project, revision, onto=onto, base=base, dry_run=dry_run)
    show(invocation, rebased_as_text(project, result), rebased_as_dict(project, result))
