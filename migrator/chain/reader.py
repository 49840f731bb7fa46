"""Read all revision files of a project into a chain, without executing them."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property

from migrator.chain.constants import Constants
from migrator.chain.declared import Declared, Problem, ProjectImport
from migrator.chain.files import RevisionFiles, list_revision_files
from migrator.chain.imports import project_packages
from migrator.chain.layout import Layout
from migrator.chain.model import Body, Chain, Revision
from migrator.chain.parallel import read_in_parallel
from migrator.chain.parsing import ReadingContext, parse_revision, unreadable
from migrator.chain.rules.files import location_findings, problem_finding
from migrator.chain.rules.structure import structural_findings
from migrator.chain.shapes import ShapeReader
from migrator.errors import ChainError, UsageError
from migrator.findings import Finding, Severity

_DECLARES_OPTIONS = b"RevisionOptions"
"""What a file holds that says how it is to be run; few do, and only those are read for it."""


@dataclass(frozen=True)
class ChainReading:
    """The chain as far as it could be read, and everything that makes it unsound."""

    chain: Chain
    findings: tuple[Finding, ...]
    """What is wrong with files and with the structure; rules that judge style or policy are in ``checking``."""
    files: int
    """Number of revision files."""
    layout: Layout
    shadowed: tuple[Revision, ...] = ()
    """Revisions whose id an earlier file has already; not in the chain."""
    imports: tuple[tuple[str, ProjectImport], ...] = field(default=())
    """Imports of the project's own code, each with the id of its revision."""

    @cached_property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that make the chain unusable."""
        return tuple(found for found in self.findings if found.severity is Severity.ERROR)

    def require_sound(self) -> Chain:
        """The chain, when nothing is wrong with it.

        Raises:
            ChainError: Alembic could not load this history either, or only guess.

        """
        if self.errors:
            count = len(self.errors)
            raise ChainError(
                f"The revision files do not form a chain: {count} error{'s' if count != 1 else ''}.",
                findings=self.errors,
                remedy="Correct the files named above, then: migrator check --chain",
            )
        return self.chain


def read_chain(layout: Layout, *, executed: frozenset[str] = frozenset()) -> ChainReading:
    """Read a project's revision files.

    Args:
        layout: where they are.
        executed: files that may be executed, each in a process of its own, because they compute their header.

    """
    with _collector_paused():
        files = list_revision_files(layout)
        wanted = _resolved(executed, layout, files)
        declared = _read_files(layout, files.paths, wanted)
        return _assemble(layout, files, declared)


class FileReader:
    """Reads one file after another, the fast way where its header is plain."""

    def __init__(self, layout: Layout) -> None:
        """Look around in the project: what is its own code, where constants may be imported from."""
        folders = [*map(str, layout.prepend_sys_path), str(layout.root), os.path.join(layout.root, "src")]
        self.root = str(layout.root)
        self.search_path = tuple(dict.fromkeys(folders))
        self._context = ReadingContext(constants=Constants(self.search_path), packages=project_packages(layout))
        self._shapes = ShapeReader(self._context.packages)

    def read(self, path: str) -> Declared:
        """What a file declares, or why it cannot be read."""
        try:
            return self.read_content(path, _content(path))
        except OSError as error:
            remedy = "Correct its permissions, or remove the broken link."
            return unreadable(f"cannot be opened: {error.strerror}", remedy=remedy)

    def read_content(self, path: str, content: bytes) -> Declared:
        """What the content of a file declares."""
        if path.endswith(".py"):
            declared = self._shapes.read(path, content) or parse_revision(path, content, self._context)
            return self._with_options(path, content, declared) if _DECLARES_OPTIONS in content else declared
        from migrator.chain.bytecode import read_compiled

        return read_compiled(path, content, self._context.constants)

    def _with_options(self, path: str, content: bytes, declared: Declared) -> Declared:
        from migrator.chain.revision_options import read_options

        problems, one_way = read_options(path, content, self._context.constants)
        return declared._replace(problems=declared.problems + problems, one_way=one_way)


def _read_files(layout: Layout, paths: Sequence[str], executed: frozenset[str]) -> list[Declared]:
    reader = FileReader(layout)
    declared = read_in_parallel(paths, reader.read)
    for number, path in enumerate(paths):
        if path in executed:
            from migrator.chain.executing import execute_revision

            declared[number] = execute_revision(path, declared[number], root=reader.root, prepend=reader.search_path)
    return declared


def chain_of(paths: Sequence[str], declared: Sequence[Declared]) -> Chain:
    """The chain of some files, as far as they could be read."""
    revisions: dict[str, Revision] = {}
    for path, found in zip(paths, declared, strict=True):
        if found.id is not None:
            revisions.setdefault(found.id, _revision(path, found))
    return Chain(revisions)


def _content(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        size = os.fstat(descriptor).st_size
        content = os.read(descriptor, size + 1)
        while len(content) < size and (more := os.read(descriptor, size)):
            content += more
        return content
    finally:
        os.close(descriptor)


def _assemble(layout: Layout, files: RevisionFiles, declared: list[Declared]) -> ChainReading:
    root = project_prefix(layout)
    revisions: dict[str, Revision] = {}
    shadowed: list[Revision] = []
    findings: list[Finding] = []
    imports: list[tuple[str, ProjectImport]] = []
    for path, found in zip(files.paths, declared, strict=True):
        findings += [problem_finding(Problem(*problem), path=path, revision=found.id) for problem in found.problems]
        if found.id is None:
            continue
        revision = _revision(path, found)
        if found.id in revisions:
            shadowed.append(revision)
        else:
            revisions[found.id] = revision
        imports.extend((found.id, ProjectImport(*item)) for item in found.imports)
    chain = Chain(revisions)
    findings += structural_findings(chain, shadowed=shadowed, unread=[found.path for found in findings if found.path])
    findings += location_findings(files)
    return ChainReading(
        chain=chain,
        findings=tuple(shown(found, root) for found in findings),
        files=len(files.paths),
        layout=layout,
        shadowed=tuple(shadowed),
        imports=tuple(imports),
    )


def _revision(path: str, found: Declared) -> Revision:
    lines = found.lines
    return Revision(
        id=found.id or "",
        parents=found.parents,
        branch_labels=found.branch_labels,
        depends_on=found.depends_on,
        doc=found.doc,
        path=path,
        line=lines[0],
        parents_line=lines[1],
        labels_line=lines[2],
        depends_line=lines[3],
        downgrade_line=lines[4],
        upgrade=Body(found.upgrade),
        downgrade=Body(found.downgrade),
        one_way=found.one_way,
    )


def project_prefix(layout: Layout) -> str:
    """The project's root as a prefix of paths, links resolved as in the paths of revisions."""
    return os.path.join(os.path.realpath(layout.root), "")


def shown(found: Finding, root: str) -> Finding:
    """A finding with its paths relative to the project's root, which ends with a separator, when they lie below it."""
    related = tuple(place.removeprefix(root) for place in found.related)
    remedy = found.remedy.replace(root, "") if found.remedy else None
    path = found.path.removeprefix(root) if found.path else None
    return replace(found, path=path, related=related, remedy=remedy)


def _resolved(executed: frozenset[str], layout: Layout, files: RevisionFiles) -> frozenset[str]:
    """The files given with ``--import``: as paths from here or from the root, or as bare names in a version folder."""
    wanted = set()
    for name in executed:
        folders = [os.getcwd(), str(layout.root), *map(str, layout.version_locations)]
        names = (name, os.path.basename(name))
        candidates = {os.path.realpath(os.path.join(folder, spelt)) for folder in folders for spelt in names}
        if candidates.isdisjoint(files.paths):
            raise UsageError(
                f"--import {name} names no revision file.", remedy="Name a file of a version location: --import FILE"
            )
        wanted |= candidates
    return frozenset(wanted)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """No garbage collection while many small objects are made, none of which form cycles."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
