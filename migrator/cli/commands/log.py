"""``migrator log``."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from migrator.cli.opening import project_of, show
from migrator.cli.options import Invocation, global_options
from migrator.cli.revisions import REVISION, RevisionCommand


@click.command("log", cls=RevisionCommand)
@click.argument("revision", required=False, type=REVISION)
@click.option("--since", metavar="WHEN", help="Not before: a date or time (UTC), or how long ago, such as 7d or 12h.")
@click.option("--until", metavar="WHEN", help="Not after; a date stands for its end.")
@click.option("--outcome", type=click.Choice(["applied", "reverted", "failed"]), help="Only these.")
@click.option(
    "--direction", type=click.Choice(["upgrade", "downgrade", "stamp", "adopt", "resolve"]), help="Only these."
)
@click.option("--limit", type=click.IntRange(min=0), default=50, metavar="N", help="So many (default: 50); 0: all.")
@click.option("--runs", is_flag=True, help="The runs instead of the revisions: started, ended, outcome.")
@click.option("--diff", is_flag=True, help="Compare the source with which REVISION was applied with its file.")
@global_options
def command(
    invocation: Invocation,
    revision: str | None,
    since: str | None,
    until: str | None,
    outcome: str | None,
    direction: str | None,
    limit: int,
    runs: bool,
    diff: bool,
) -> None:
    """Show what was applied, reverted or failed, when, by whom: newest first.

    With REVISION, what has happened to that one; it may be one that this code does not have. Read from the ledger,
    which the first upgrade, downgrade or stamp creates in the database; before that there is nothing to show.

    \b
    Examples:
      migrator log
      migrator log ae1027a6acf --env prod
      migrator log --since 7d --outcome failed
      migrator log --runs --limit 5
      migrator log --diff ae1027a6acf
    """
    if diff:
        _show_difference(invocation, revision)
        return
    if runs and (revision or outcome or direction):
        raise click.UsageError("--runs shows whole runs: REVISION, --outcome and --direction are about revisions")
    from migrator.database.ledger.entries import EntryFilter
    from migrator.execution.history import LogRequest, read_log
    from migrator.report.ledger import log_as_dict, log_as_text

    wanted = EntryFilter(
        outcome=outcome,
        direction=direction,
        since=_moment("--since", since),
        until=_moment("--until", until, ends=True),
        limit=limit or None,
    )
    logs = read_log(project_of(invocation), LogRequest(revision=revision, wanted=wanted, runs=runs))
    show(invocation, log_as_text(logs, runs=runs), log_as_dict(logs, runs=runs))


def _show_difference(invocation: Invocation, revision: str | None) -> None:
    from migrator.execution.applied_source import compare_with_file
    from migrator.report.ledger import comparison_as_dict, comparison_as_text

    if revision is None:
        raise click.UsageError("say which one: migrator log --diff REVISION")
    found = compare_with_file(project_of(invocation), revision)
    show(invocation, comparison_as_text(found), comparison_as_dict(found))


def _moment(option: str, text: str | None, *, ends: bool = False) -> datetime | None:
    if text is None:
        return None
    from migrator.moments import SPELLING, read_moment

    found = read_moment(text, now=datetime.now(UTC), ends=ends)
    if found is None:
        raise click.UsageError(f"{option} {text!r} is no date, no time and no length of time; {SPELLING}")
    return found
