"""Changes to the text of revision files that leave every other byte alone: encoding, newlines, comments, quotes.

Knows one file at a time; which revision may be moved where is decided in ``chain/rebasing.py``.
"""

from __future__ import annotations

import ast
import io
import os
import re
import tempfile
import tokenize
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from migrator.errors import ChainError, MigratorError
from migrator.findings import Finding, Severity

_NEWLINE = re.compile(r"\r\n|\r|\n")
_REVISES = re.compile(
    r"(?m)^(?P<label>(?:[a-zA-Z]?(?:\"{3}|'{3}|[\"']))?[ \t]*Revises:)(?P<gap>[ \t]*)"
    r"(?P<ids>[^\r\n]*?)(?P<rest>[ \t]*(?:\"{3}|'{3}|[\"'])?[ \t]*)$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceText:
    """A Python file as text, with what is needed to write the same bytes back."""

    text: str
    encoding: str

    @classmethod
    def of(cls, content: bytes) -> SourceText:
        """Decode a file the way Python would: byte order mark, coding comment, else UTF-8."""
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        return cls(text=content.decode(encoding), encoding=encoding)

    def encoded(self) -> bytes:
        """Give the bytes of the file."""
        return self.text.encode(self.encoding)


@dataclass(frozen=True, slots=True)
class _Edit:
    start: int
    end: int
    replacement: str


def with_parents(content: bytes, parents: Sequence[str], *, path: str = "") -> bytes:
    """Give a revision file other parents: the assignment to ``down_revision`` and the docstring's ``Revises:`` line.

    Args:
        content: the file as it is.
        parents: ids of the new parents; empty makes the revision a base.
        path: for messages.

    Raises:
        ChainError: the file cannot be parsed, or does not assign ``down_revision`` at its top level.

    """
    try:
        source = SourceText.of(content)
        tree = ast.parse(source.text)
    except (SyntaxError, ValueError, LookupError) as unreadable:
        raise _unwritable(
            path, f"cannot be read: {unreadable}", line=getattr(unreadable, "lineno", None)
        ) from unreadable
    offsets = _Offsets(source.text)
    value = _assigned_value(tree, "down_revision")
    if value is None:
        raise _unwritable(path, "does not assign down_revision at its top level, so its parent cannot be changed here")
    start, end = offsets.span(value)
    quote = _quote_of(source.text[start:end]) or _quote_of_revision(source.text, tree, offsets) or '"'
    edits = [_Edit(start, end, _literal(parents, quote))]
    edits += _docstring_edits(source.text, tree, offsets, parents)
    changed = SourceText(text=_apply(source.text, edits), encoding=source.encoding)
    try:
        return changed.encoded()
    except UnicodeEncodeError as impossible:
        raise _unwritable(path, f"is written in {source.encoding}, which cannot hold {parents}") from impossible


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file in one step, keeping its permissions: a reader sees the old or the new content, never a part."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            Path(name).chmod(path.stat().st_mode & 0o7777)
        Path(name).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise


def restore(originals: Mapping[Path, bytes]) -> None:
    """Put files back as they were, the rest too when one of them fails."""
    failures: list[str] = []
    for path, content in originals.items():
        try:
            write_atomically(path, content)
        except OSError as failure:
            failures.append(f"{path}: {failure}")
    if failures:
        raise MigratorError("Some files could not be put back", details=failures, remedy="git checkout -- these files")


class _Offsets:
    """Where the nodes of a tree stand in the text; ``ast`` counts lines and UTF-8 bytes, a string counts characters."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(newline.end() for newline in _NEWLINE.finditer(text))]

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None  # noqa: S101 - set on every node that was parsed from text
        assert node.end_col_offset is not None  # noqa: S101
        return self._at(node.lineno, node.col_offset), self._at(node.end_lineno, node.end_col_offset)

    def _at(self, line: int, column: int) -> int:
        start = self._starts[line - 1]
        end = self._starts[line] if line < len(self._starts) else len(self._text)
        return start + len(self._text[start:end].encode()[:column].decode())


def _assigned_value(tree: ast.Module, name: str) -> ast.expr | None:
    """Find what the last top-level assignment gives to a name."""
    found = None
    for statement in tree.body:
        for target, value in _assignments(statement):
            if isinstance(target, ast.Name) and target.id == name:
                found = value
    return found


def _assignments(statement: ast.stmt) -> Iterable[tuple[ast.expr, ast.expr]]:
    if isinstance(statement, ast.AnnAssign) and statement.value is not None:
        yield statement.target, statement.value
    elif isinstance(statement, ast.Assign):
        for target in statement.targets:
            if isinstance(target, ast.Tuple) and isinstance(statement.value, ast.Tuple):
                yield from zip(target.elts, statement.value.elts, strict=False)
            else:
                yield target, statement.value


def _docstring_edits(text: str, tree: ast.Module, offsets: _Offsets, parents: Sequence[str]) -> list[_Edit]:
    first = tree.body[0] if tree.body else None
    if not (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    ):
        return []
    start, end = offsets.span(first)
    line = _REVISES.search(text[start:end].replace("\r", "\n"))
    if line is None:
        return []
    gap = line["gap"] or (" " if parents else "")
    return [_Edit(start + line.start("gap"), start + line.end("ids"), gap + ", ".join(parents))]


def _literal(parents: Sequence[str], quote: str) -> str:
    quoted = [_quoted(parent, quote) for parent in parents]
    if not quoted:
        return "None"
    return quoted[0] if len(quoted) == 1 else f"({', '.join(quoted)})"


def _quoted(text: str, quote: str) -> str:
    return quote + text.replace("\\", "\\\\").replace(quote, f"\\{quote}") + quote


def _quote_of(text: str) -> str | None:
    found = re.search(r"[\"']", text)
    return found[0] if found else None


def _quote_of_revision(text: str, tree: ast.Module, offsets: _Offsets) -> str | None:
    value = _assigned_value(tree, "revision")
    if value is None:
        return None
    start, end = offsets.span(value)
    return _quote_of(text[start:end])


def _apply(text: str, edits: Iterable[_Edit]) -> str:
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        text = text[: edit.start] + edit.replacement + text[edit.end :]
    return text


def _unwritable(path: str, reason: str, *, line: int | None = None) -> ChainError:
    finding = Finding(
        rule="unwritable-revision",
        severity=Severity.ERROR,
        message=f"{path or 'the revision file'} {reason}",
        path=path or None,
        line=line,
        remedy="change down_revision in this file by hand, as a literal at its top level",
    )
    return ChainError("A revision file cannot be changed", findings=(finding,))
