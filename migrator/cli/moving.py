"""What ``upgrade`` and ``downgrade`` share: options, and the way from a plan to its conclusion."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final, TypeAlias

import click

from migrator.chain.model import Direction
from migrator.cli.asking import asking
from migrator.cli.opening import project_of, show, tell, warn
from migrator.cli.options import Invocation
from migrator.durations import SPELLING, read_duration
from migrator.errors import UsageError
from migrator.project import Project
from migrator.report.header import header

Patience: TypeAlias = Mapping[str, str | None]
"""Settings that options give, such as ``--wait`` and ``--deadline``."""

_OPTIONS = (
    click.option("--sql", is_flag=True, help="Print the SQL instead of running it; a range a:b is allowed."),
    click.option("--tag", metavar="TEXT", help="Tag that env.py may read with context.get_tag_argument()."),
    click.option("--dry-run", is_flag=True, help="Print the plan and run nothing."),
    click.option("-y", "--yes", is_flag=True, help="What a policy would refuse or ask about is meant."),
)
_KILL_BLOCKERS: Final = "End sessions in the way of a lock whose transaction is older than this; never by itself."


class Duration(click.ParamType):  # type: ignore[type-arg]  # not subscriptable before click 8.2
    """A length of time as profiles write it; handed on as text, for the profile to read."""

    name = "SECONDS"

    def __init__(self, setting: str) -> None:
        self.setting = setting

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse what the setting would not take."""
        from migrator.profiles.parsing import parse
        from migrator.profiles.settings import BY_NAME

        try:
            parse(BY_NAME[self.setting], str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return str(value)


class Age(click.ParamType):  # type: ignore[type-arg]  # not subscriptable before click 8.2
    """A length of time in seconds, for what no profile may say."""

    name = "AGE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read it as profiles are read."""
        if isinstance(value, float):
            return value
        seconds = read_duration(str(value))
        if seconds is None:
            self.fail(f"{value!r} is no length of time; {SPELLING}", param, ctx)
        return seconds


_PATIENCE = (
    click.option(
        "--wait",
        "wait",
        type=Duration("MIGRATOR_WAIT_FOR_DB"),
        help="Wait so long for the database to answer. [env var: MIGRATOR_WAIT_FOR_DB]",
    ),
    click.option(
        "--lock-wait",
        "lock_wait",
        type=Duration("MIGRATOR_LOCK_WAIT"),
        help="Wait so long for another migration of the database to end. [env var: MIGRATOR_LOCK_WAIT]",
    ),
)


def patience_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a command that may have to wait, and pass them as one ``patience``."""

    @wraps(function)
    def with_patience(*args: Any, wait: str | None, lock_wait: str | None, **kwargs: Any) -> Any:
        patience = {"MIGRATOR_WAIT_FOR_DB": wait, "MIGRATOR_LOCK_WAIT": lock_wait}
        return function(*args, patience=patience, **kwargs)

    for option in reversed(_PATIENCE):
        with_patience = option(with_patience)
    return with_patience


_SETTINGS: Final = {
    "deadline": "MIGRATOR_DEADLINE",
    "lock_timeout": "MIGRATOR_LOCK_TIMEOUT",
    "metrics_file": "MIGRATOR_METRICS_FILE",
}
"""Options of a move that override a setting, as those of patience do."""
_SETTING_OPTIONS = (
    click.option(
        "--deadline",
        type=Duration("MIGRATOR_DEADLINE"),
        help="Begin no revision that is not expected to end so long after the start. [env var: MIGRATOR_DEADLINE]",
    ),
    click.option(
        "--lock-timeout",
        type=Duration("MIGRATOR_LOCK_TIMEOUT"),
        help="Let a statement wait so long for a strong lock on a table. [env var: MIGRATOR_LOCK_TIMEOUT]",
    ),
    click.option("--kill-blockers", type=Age(), help=_KILL_BLOCKERS),
    click.option(
        "--metrics-file",
        type=click.Path(dir_okay=False, resolve_path=True),
        help="Write the run's figures to this file, for Prometheus. [env var: MIGRATOR_METRICS_FILE]",
    ),
)


def moving_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that both directions have; those that override settings are passed with ``patience``."""

    @wraps(function)
    def with_settings(*args: Any, patience: Patience, **kwargs: Any) -> Any:
        given = {setting: kwargs.pop(name) for name, setting in _SETTINGS.items()}
        return function(*args, patience={**patience, **given}, **kwargs)

    for option in reversed(_SETTING_OPTIONS):
        with_settings = option(with_settings)
    with_patience = patience_options(with_settings)
    for option in reversed(_OPTIONS):
        with_patience = option(with_patience)
    return with_patience


def move(
    invocation: Invocation,
    direction: Direction,
    target: str,
    *,
    sql: bool,
    tag: str | None,
    dry_run: bool,
    yes: bool,
    kill_blockers: float | None,
    patience: Patience,
    project: Project | None = None,
) -> None:
    """Gather, plan, act, conclude, show; on a project that is opened here unless the caller has one."""
    began = time.monotonic()
    from migrator.execution import upgrading
    from migrator.execution.moves import MoveRequest
    from migrator.report.progress import progress
    from migrator.report.runs import ahead_warnings, plans_as_dict, plans_as_text, report_as_dict, report_as_text
    from migrator.telemetry.watch import watched

    project = project or project_of(invocation, overrides=patience)
    if sql:
        print_sql(project, direction, target, tag)
        return
    if ":" in target:
        raise UsageError(
            f"a range such as {target} is only allowed with --sql", remedy=f"migrator {direction.value} --sql {target}"
        )
    request = MoveRequest(
        direction=direction, target=target, confirmed=yes, tag=tag, kill_blockers=kill_blockers, began=began
    )
    if dry_run:
        from migrator.execution.foresight import sizes_of
        from migrator.report.waiting import notices

        planned = upgrading.plan(project, request, notices(quiet=invocation.quiet, as_json=invocation.as_json))
        tell(invocation, header(project, planned.gathered))
        sizes = sizes_of(project, planned)
        show(invocation, plans_as_text(project, planned.plans, sizes), plans_as_dict(project, planned.plans, sizes))
        warn(ahead_warnings(project, planned.plans))
        return
    with (
        progress(quiet=invocation.quiet, as_json=invocation.as_json) as shown,
        watched(project, direction, target, shown) as watch,
    ):
        planned = upgrading.plan(project, request, watch.listen)
        watch.planned(sum(len(each.steps) for each in planned.plans))
        if not invocation.as_json:
            tell(invocation, header(project, planned.gathered))
        report = watch.result(upgrading.move(project, request, planned, watch.listen, asking(invocation)))
    show(invocation, report_as_text(report), report_as_dict(report))
    warn(ahead_warnings(project, report.plans))


def print_sql(project: Project, direction: Direction, target: str, tag: str | None) -> None:
    """Print the SQL of a move on stdout, as Alembic's offline mode does; no database is asked."""
    from migrator.execution.offline import write_sql

    write_sql(project, direction, target, tag=tag, output=sys.stdout)
