"""Revision files without autogenerate: ``revision``, ``merge`` and ``edit``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from migrator.chain.placing import dependencies, parents_for, parents_to_merge, require_free, version_folder
from migrator.chain.resolve import resolve
from migrator.errors import UsageError
from migrator.execution.adapter.generating import (
    RevisionRequest,
    WrittenRevision,
    draft,
    fill_through_environment,
    wants_environment,
)
from migrator.execution.gathering import bind, gather
from migrator.execution.written_files import check_written_file
from migrator.findings import Finding
from migrator.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionWish:
    """A new revision in the words of the command line; nothing of it has been checked."""

    message: str | None = None
    head: str = "head"
    splice: bool = False
    branch_label: str | None = None
    version_path: str | None = None
    rev_id: str | None = None
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """The files that were written, and what is wrong with them."""

    written: tuple[WrittenRevision, ...] = ()
    findings: tuple[Finding, ...] = ()
    note: str = ""
    """Why nothing was written, when nothing was."""

    @property
    def usable(self) -> bool:
        """Whether every file imports and every post-write hook succeeded."""
        return not self.findings and not any(each.hook_failures for each in self.written)


def placed(project: Project, wish: RevisionWish) -> RevisionRequest:
    """Turn a wish into a request whose ids exist and whose place is allowed.

    Raises:
        UsageError: it asks for something that does not exist or does not fit.
        ChainError: the chain is not sound.

    """
    chain = project.chain
    require_free(chain, rev_id=wish.rev_id, branch_label=wish.branch_label)
    parents = parents_for(chain, wish.head, splice=wish.splice)
    return RevisionRequest(
        message=wish.message,
        parents=parents,
        splice=wish.splice,
        rev_id=wish.rev_id,
        branch_label=wish.branch_label,
        version_path=version_folder(project.layout, parents, wish.version_path, start=Path.cwd()),
        depends_on=dependencies(chain, wish.depends_on),
    )


def revise(project: Project, wish: RevisionWish, *, sql: bool = False) -> Revised:
    """Write a revision file with empty functions.

    Args:
        project: where.
        wish: what for.
        sql: run ``env.py`` in offline mode when ``revision_environment`` asks to run it.

    Raises:
        UsageError: the wish does not fit the chain, or ``sql`` has no meaning here.

    """
    request = placed(project, wish)
    environment = wants_environment(project)
    if sql and not environment:
        raise UsageError(
            "--sql has no meaning for `revision` here: env.py is not run for it",
            remedy="leave --sql out, or set revision_environment = true",
        )
    return _write(project, request, environment=environment, as_sql=sql)


def merge(
    project: Project,
    symbols: Sequence[str],
    *,
    message: str | None = None,
    branch_label: str | None = None,
    rev_id: str | None = None,
    splice: bool = False,
) -> Revised:
    """Write a merge revision; with a single head there is nothing to do.

    Raises:
        UsageError: a revision is unknown, no head, or the only one named.

    """
    chain = project.chain
    require_free(chain, rev_id=rev_id, branch_label=branch_label)
    parents = parents_to_merge(chain, symbols, splice=splice)
    if len(parents) < 2:  # noqa: PLR2004 - a merge joins two or more
        if tuple(symbols) == ("heads",):
            only = f"{parents[0]} is the only head" if parents else "there is no revision yet"
            return Revised(note=f"Nothing to merge: {only}.")
        raise UsageError(
            "A merge joins two revisions or more",
            details=[f"head: {id_}" for id_ in chain.heads],
            remedy="migrator merge heads",
        )
    folder = version_folder(project.layout, parents, None, start=Path.cwd())
    request = RevisionRequest(
        message=message or f"merge {' and '.join(parents)}",
        parents=parents,
        splice=splice,
        rev_id=rev_id,
        branch_label=branch_label,
        version_path=folder,
    )
    return _write(project, request, environment=wants_environment(project))


def _write(project: Project, request: RevisionRequest, *, environment: bool, as_sql: bool = False) -> Revised:
    prepared = draft(project, request)
    if environment:
        binding = None if project.profile is None or as_sql else bind(project, project.profile)
        fill_through_environment(prepared, binding, autogenerate=False, as_sql=as_sql)
    written = prepared.write()
    findings = tuple(finding for each in written for finding in check_written_file(project, each.path))
    return Revised(written=written, findings=findings)


def files_named(project: Project, symbol: str) -> tuple[str, ...]:
    """Find the files of a revision symbol, even in a chain that is not sound: editing is how it gets mended.

    Raises:
        UsageError: nothing has that name.

    """
    chain = project.reading.chain
    if symbol == "current":
        ids = tuple(row for state in gather(project).states for row in state.rows if row in chain.revisions)
    else:
        ids = resolve(chain, symbol)
    if not ids:
        raise UsageError(
            f"{symbol!r} stands for no revision here, so there is no file to edit", remedy="migrator history"
        )
    return tuple(chain.revisions[id_].path for id_ in ids)
