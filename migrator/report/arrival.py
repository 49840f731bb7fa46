"""How a wait for other people's migration ended: as text and JSON."""

from __future__ import annotations

from migrator.execution.arrival import Arrival
from migrator.execution.lookout import Sighting
from migrator.execution.waiting import Waited
from migrator.project import Project
from migrator.report.events import plain

_SHOWN = 10


def waited_as_text(project: Project, waited: Waited) -> str:
    """One line for each database that is there; for the others what they lack, who is at it, and what to do."""
    return "\n".join("\n".join(_lines(project, waited, each, arrival)) for each, arrival in waited.databases)


def _lines(project: Project, waited: Waited, sighting: Sighting, arrival: Arrival) -> list[str]:
    at = ", ".join(sighting.state.rows) or "base"
    if arrival.is_there:
        return [f"Ready: the database is at {at}{', ahead of this code' if arrival.is_ahead else ''}."]
    count = len(arrival.pending)
    are = "revision is" if count == 1 else "revisions are"
    lines = [
        f"Not ready after {waited.seconds:.0f} s: the database is at {at}, {count} {are} pending:",
        *(f"  {number}. {each.id}  {each.title}" for number, each in enumerate(arrival.pending[:_SHOWN], start=1)),
    ]
    if count > _SHOWN:
        lines.append(f"  and {count - _SHOWN} more")
    if sighting.holder is not None:
        return [*lines, f"The migration lock is held by {sighting.holder}", "Next: wait longer with --timeout SECONDS"]
    if sighting.half_applied:
        lines.append(f"Half applied, and nobody is at it: {', '.join(sighting.half_applied)}")
    else:
        lines.append("Nobody is migrating it.")
    return [*lines, f"Next: migrator upgrade{project.env_option}"]


def waited_as_dict(waited: Waited) -> dict[str, object]:
    """The same for a program."""
    return {
        "schema": "migrator/wait/1",
        "target": waited.target,
        "ready": waited.is_there,
        "waited": round(waited.seconds, 3),
        "databases": [
            {
                "location": each.state.location,
                "ready": arrival.is_there,
                "ahead": arrival.is_ahead,
                "current": list(each.state.rows),
                "pending": [{"revision": revision.id, "doc": revision.doc} for revision in arrival.pending],
                "holder": plain(each.holder),
                "half_applied": list(each.half_applied),
            }
            for each, arrival in waited.databases
        ],
    }
