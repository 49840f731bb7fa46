"""What ``upgrade`` and ``downgrade`` share: options, and the way from a plan to its conclusion."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from migrator.chain.model import Direction
from migrator.cli.opening import project_of, show, tell
from migrator.cli.options import Invocation
from migrator.errors import UsageError
from migrator.report.header import header

_OPTIONS = (
    click.option("--sql", is_flag=True, help="Print the SQL instead of running it; a range a:b is allowed."),
    click.option("--tag", metavar="TEXT", help="Tag that env.py may read with context.get_tag_argument()."),
    click.option("--dry-run", is_flag=True, help="Print the plan and run nothing."),
    click.option("-y", "--yes", is_flag=True, help="What a policy would refuse or ask about is meant."),
)


def moving_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that both directions have."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def move(
    invocation: Invocation, direction: Direction, target: str, *, sql: bool, tag: str | None, dry_run: bool, yes: bool
) -> None:
    """Gather, plan, act, conclude, show."""
    from migrator.execution import upgrading
    from migrator.report.progress import progress
    from migrator.report.runs import plans_as_dict, plans_as_text, report_as_dict, report_as_text

    project = project_of(invocation)
    if sql:
        print_sql(invocation, direction, target, tag)
        return
    if ":" in target:
        raise UsageError(
            f"a range such as {target} is only allowed with --sql", remedy=f"migrator {direction.value} --sql {target}"
        )
    request = upgrading.MoveRequest(direction=direction, target=target, dry_run=dry_run, confirmed=yes, tag=tag)
    planned = upgrading.plan(project, request)
    tell(invocation, header(project, planned.gathered))
    if dry_run:
        show(invocation, plans_as_text(project, planned.plans), plans_as_dict(project, planned.plans))
        return
    with progress(quiet=invocation.quiet) as listen:
        report = upgrading.move(project, request, planned, listen)
    show(invocation, report_as_text(report), report_as_dict(report))


def print_sql(invocation: Invocation, direction: Direction, target: str, tag: str | None) -> None:
    """Print the SQL of a move on stdout, as Alembic's offline mode does; no database is asked."""
    from migrator.execution.offline import write_sql

    write_sql(project_of(invocation), direction, target, tag=tag, output=sys.stdout)
