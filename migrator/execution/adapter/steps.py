"""Alembic's own step objects for revisions of the chain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from typing import Any

from alembic.runtime.migration import MigrationContext, MigrationStep, RevisionStep
from alembic.script import Script, ScriptDirectory
from alembic.util import CommandError

from migrator.chain.model import Revision
from migrator.errors import UsageError
from migrator.execution.adapter.directory import StaticScript


class PlannedStep(RevisionStep):
    """Alembic's step, which also knows whether others of the same run follow it."""

    def __init__(self, directory: ScriptDirectory, script: Script, *, upgrade: bool, others_follow: bool) -> None:
        super().__init__(directory.revision_map, script, upgrade)
        self.others_follow = others_follow


def step_of(
    context: MigrationContext, revision: Revision, *, upgrade: bool, others_follow: bool = False
) -> PlannedStep:
    """The step that runs a revision's ``upgrade()`` or ``downgrade()``; the file is executed now.

    Raises:
        LookupError: the file has no such function.
        Exception: whatever importing the file raises.

    """
    directory = script_directory(context)
    script = directory.get_revision(revision.id)
    name = "upgrade" if upgrade else "downgrade"
    if not hasattr(script.module, name):
        raise LookupError(f"the file has no {name}() function")
    return PlannedStep(directory, script, upgrade=upgrade, others_follow=others_follow)


_CHUNK = 16


def compiled_ahead(context: MigrationContext, revisions: Sequence[Revision]) -> Iterator[Revision]:
    """Give the revisions in order; while the server works on some, a thread compiles those that come next."""
    directory = script_directory(context)
    chunks = [revisions[start : start + _CHUNK] for start in range(0, len(revisions), _CHUNK)]
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="migrator-compile") as thread:
        for chunk, following in zip_longest(chunks, chunks[1:], fillvalue=()):
            if following:
                thread.submit(_compile, [directory.get_revision(revision.id) for revision in following])
            yield from chunk


def _compile(scripts: Sequence[Script]) -> None:
    for script in scripts:
        if isinstance(script, StaticScript):
            script.compile()


def stamp_steps(context: MigrationContext, targets: Sequence[str], heads: Sequence[str]) -> Iterable[MigrationStep]:
    """The steps that move the version rows to the targets without running a revision.

    Raises:
        UsageError: Alembic cannot resolve the targets.

    """
    try:
        return list(script_directory(context)._stamp_revs(tuple(targets), tuple(heads)))  # noqa: SLF001
    except CommandError as error:
        raise UsageError(str(error)) from error


def script_directory(context: MigrationContext) -> ScriptDirectory:
    """The script directory that a context was configured with."""
    options: dict[str, Any] = context.opts
    directory = options["script"]
    assert isinstance(directory, ScriptDirectory)  # noqa: S101 - EnvironmentContext puts it there
    return directory
