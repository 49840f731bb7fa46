"""Offline mode: the SQL of a move on a stream, without a database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from migrator.chain.model import Direction
from migrator.chain.paths import downgrade_path, upgrade_path
from migrator.chain.resolve import resolve
from migrator.errors import MigratorError, RunFailed, UsageError
from migrator.execution.adapter.environment import MigrationContext, MigrationStep
from migrator.execution.adapter.running import EnvironmentRun, run_environment
from migrator.execution.adapter.steps import step_of
from migrator.execution.adapter.translation import kind_and_cause
from migrator.project import Project


def write_sql(project: Project, direction: Direction, target: str, *, tag: str | None, output: TextIO) -> None:
    """Write the SQL that takes a database from one revision to another.

    Args:
        project: whose revisions are meant; of the profile only dialect and driver are used.
        direction: upgrade or downgrade.
        target: a revision, or a range ``a:b``; a downgrade needs the range.
        tag: for ``context.get_tag_argument()``.
        output: where the SQL goes.

    Raises:
        UsageError: the range is missing or names an unknown revision.
        RunFailed: a revision needs a database to say what it does.

    """
    upgrade = direction is Direction.UPGRADE
    start, colon, end = target.rpartition(":")
    if not upgrade and not colon:
        raise UsageError(
            "downgrade --sql needs to know where it starts", remedy=f"migrator downgrade --sql FROM:{target}"
        )
    chain = project.chain
    before = resolve(chain, start) if start else ()
    path = (upgrade_path if upgrade else downgrade_path)(chain, before, end)
    running = ""

    def work(_heads: tuple[str, ...], context: MigrationContext) -> Iterable[MigrationStep]:
        nonlocal running
        for revision in path:
            running = f"{revision.id} ({project.display(revision.path)})"
            yield step_of(context, revision, upgrade=upgrade)

    run = EnvironmentRun(
        work=work,
        as_sql=True,
        output=output,
        context_options={"starting_rev": start or None, "destination_rev": end, "tag": tag},
        command_options={"revision": target, "tag": tag, "sql": True},
    )
    try:
        run_environment(project, run)
    except MigratorError:
        raise
    except Exception as error:
        if not running:
            raise
        raise RunFailed(
            f"revision {running} cannot be written as SQL: {kind_and_cause(error)}",
            state="no database was asked; the SQL above is incomplete",
            remedy="it probably reads from the database: see its plan with --dry-run, or run it on a scratch database",
        ) from error
