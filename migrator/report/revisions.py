"""Revisions in one line or in full, in the words that Alembic's users know."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from migrator.chain.docstrings import docstring_of
from migrator.chain.graph import effective_heads, graph_of
from migrator.chain.model import Chain, Revision


@dataclass(frozen=True)
class RevisionLines:
    """Prints revisions of one chain."""

    chain: Chain
    current: Collection[str] = field(default=())
    """Revisions that a database is on, marked as such."""

    def brief(self, revision: Revision, *, tree: bool = False, doc: bool = False, parents: bool = False) -> str:
        """Such as ``ab12 -> cd34 (label) (head), add users``."""
        text = revision.id
        if parents:
            dependencies = f" ({', '.join(revision.depends_on)})" if revision.depends_on else ""
            text = f"{', '.join(revision.parents) or '<base>'}{dependencies} -> {text}"
        if labels := self._labels(revision):
            text += f" ({labels})"
        text += "".join(f" ({mark})" for mark in self.marks(revision, tree=tree))
        return f"{text}, {revision.doc}" if doc else text

    def _labels(self, revision: Revision) -> str:
        """Its own labels and those of its branch."""
        return ", ".join(sorted(graph_of(self.chain).branch_labels.get(revision.id, ())))

    def marks(self, revision: Revision, *, tree: bool = True) -> list[str]:
        """What is special about a revision's place: head, branchpoint, mergepoint, current."""
        marks = []
        if revision.id in self.chain.heads:
            marks.append("head" if revision.id in effective_heads(self.chain) else "effective head")
        if revision.id in self.current:
            marks.append("current")
        if tree and len(self.chain.children.get(revision.id, ())) > 1:
            marks.append("branchpoint")
        if tree and len(revision.parents) > 1:
            marks.append("mergepoint")
        return marks

    def full(self, revision: Revision) -> str:
        """All that the chain knows of a revision, as ``alembic show`` prints it."""
        marks = "".join(f" ({mark})" for mark in self.marks(revision))
        relation = "Merges" if len(revision.parents) > 1 else "Parent"
        lines = [f"Rev: {revision.id}{marks}", f"{relation}: {', '.join(revision.parents) or '<base>'}"]
        if revision.depends_on:
            lines.append(f"Also depends on: {', '.join(revision.depends_on)}")
        children = self.chain.children.get(revision.id, ())
        if len(children) > 1:
            lines.append(f"Branches into: {', '.join(children)}")
        if labels := self._labels(revision):
            lines.append(f"Branch names: {labels}")
        lines += [f"Path: {revision.path}", "", *(f"    {line}" for line in docstring_of(revision).splitlines()), ""]
        return "\n".join(lines)

    def as_dict(self, revision: Revision) -> dict[str, object]:
        """A revision as JSON shows it."""
        return {
            "revision": revision.id,
            "down_revision": list(revision.parents),
            "branch_labels": list(revision.branch_labels),
            "depends_on": list(revision.depends_on),
            "doc": revision.doc,
            "path": revision.path,
            "line": revision.line,
            "marks": self.marks(revision),
        }
