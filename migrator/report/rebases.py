"""A rebase as text and JSON: what moved, and who was asked before."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrator.execution.rebasing import Rebased
    from migrator.project import Project


def rebased_as_text(project: Project, result: Rebased) -> str:
    """Say what was changed in which file, and which git ref and databases were asked."""
    planned = result.planned
    if planned.is_empty:
        return f"Nothing to do: {planned.revision.id} is on {planned.onto} already."
    verb = "Moved" if result.written else "Would move"
    before = ", ".join(planned.revision.parents) or "base"
    lines = [f"{verb} {planned.revision.id} from {before} to {planned.onto}"]
    lines.append(f"  {project.display(planned.revision.path)}:{planned.revision.parents_line}")
    lines += [f"  {id_} moves along" for id_ in planned.carried]
    lines.append(
        f"Published revisions: {result.base}" if result.base else "Published revisions: not known, no git repository"
    )
    lines += [f"Applied revisions: asked {place}" for place in result.asked]
    lines += [f"Applied revisions: not known: {reason}" for reason in result.not_asked]
    return "\n".join(lines)


def rebased_as_dict(project: Project, result: Rebased) -> dict[str, object]:
    """Give the same for a program."""
    planned = result.planned
    return {
        "schema": "migrator/rebase/1",
        "revision": planned.revision.id,
        "path": project.display(planned.revision.path),
        "from": list(planned.revision.parents),
        "onto": planned.onto,
        "carried": list(planned.carried),
        "base": result.base,
        "asked": list(result.asked),
        "not_asked": list(result.not_asked),
        "written": result.written,
    }
