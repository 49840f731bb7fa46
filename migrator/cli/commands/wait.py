"""``migrator wait``."""

from __future__ import annotations

from typing import Any

import click

from migrator.cli.opening import project_of, show, tell
from migrator.cli.options import Invocation, global_options
from migrator.cli.revisions import REVISION
from migrator.durations import SPELLING, read_duration


class Seconds(click.ParamType):  # type: ignore[type-arg]  # not subscriptable before click 8.2
    """A length of time."""

    name = "SECONDS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read it as profiles are read."""
        seconds = read_duration(str(value))
        if seconds is None:
            self.fail(f"{value!r} is no length of time; {SPELLING}", param, ctx)
        return seconds


@click.command("wait")
@click.argument("revision", default="heads", type=REVISION)
@click.option("--timeout", type=Seconds(), default="300", help="Give up after so long (default: 300); 0 looks once.")
@global_options
@click.pass_context
def command(context: click.Context, invocation: Invocation, revision: str, timeout: float) -> None:
    """Wait until somebody else has brought the database to REVISION (default: heads).

    For the pods of the application, before they start: it never migrates, takes no lock and writes nothing. A database
    that does not answer yet is waited for, too. One that is ahead of this code is good enough where its ledger proves
    that it has all of this code's revisions, or where MIGRATOR_IF_AHEAD is ok or warn.

    Exit code: 0 as soon as the database is there; 1 it is still behind at the end; 10 it did not answer, or refused the
    login; 4 the revision files are not sound; 11 ahead of this code; 9 diverged.

    \b
    Examples:
      migrator wait --env prod
      migrator wait --env prod --timeout 10min
      migrator wait ae1027a6acf --timeout 0 --format json
    """
    from migrator.errors import ExitCode
    from migrator.execution.waiting import wait_until_there
    from migrator.report.arrival import waited_as_dict, waited_as_text
    from migrator.report.header import profile_line
    from migrator.report.waiting import notices

    project = project_of(invocation)
    if not invocation.as_json:
        where = "" if project.profile is None else f"  {project.profile.location}"
        tell(invocation, f"{profile_line(project)}{where}")
    listen = notices(quiet=invocation.quiet, as_json=invocation.as_json)
    waited = wait_until_there(project, revision, limit=timeout, listen=listen)
    show(invocation, waited_as_text(project, waited), waited_as_dict(waited))
    context.exit(ExitCode.DONE if waited.is_there else ExitCode.FINDINGS)
