"""The report of drift, as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from migrator.database.snapshot.comparing import Change, Difference
from migrator.report.findings import finding_as_dict, findings_as_text

if TYPE_CHECKING:
    from migrator.project import Project
    from migrator.verification.drift.model import Drifted, DriftReport

_STATEMENT_LINES = 12


def drift_as_text(project: Project, report: DriftReport) -> str:
    """Each object that differs with the statements both ways; then what was ignored, and the verdict."""
    blocks = [f"Note: {notice}" for notice in report.notices]
    blocks += [f"Note: {in_words(each)}; no statement can restore that" for each in report.reordered]
    blocks += [_block(number, each) for number, each in enumerate(report.drifted, start=1)]
    blocks += [_ignored(each) for each in report.ignored]
    blocks += [findings_as_text(report.findings)] if report.findings else []
    return "\n".join([*blocks, *_verdict(project, report)])


def _block(number: int, drifted: Drifted) -> str:
    lines = [f"{number:>3}. {in_words(drifted.difference)}"]
    for label, statements in (
        ("to take the database back", drifted.to_database),
        ("to have it in the history", drifted.to_history),
    ):
        lines.append(f"       {label}:")
        lines += [f"         {line}" for statement in statements for line in _shown(statement)]
    return "\n".join(lines)


def _shown(statement: str) -> Sequence[str]:
    lines = statement.splitlines()
    if len(lines) > _STATEMENT_LINES:
        rest = len(lines) - _STATEMENT_LINES
        lines = [*lines[:_STATEMENT_LINES], f"-- and {rest} more lines: --format json"]
    elif not lines[-1].startswith("--") and not lines[-1].endswith(";"):
        lines[-1] += ";"
    return lines


def in_words(difference: Difference) -> str:
    """An object that is not what the history makes of it, in one line or a line for each facet."""
    match difference.change:
        case Change.ADDED:
            return f"{difference.key} is in the database and not in the history"
        case Change.REMOVED:
            return f"{difference.key} is in the history and not in the database"
    facets = [
        f"{each.name}: {_value(each.before)} in the history, {_value(each.after)} in the database"
        for each in difference.facets
    ]
    if len(facets) == 1 and "\n" not in facets[0]:
        return f"{difference.key}: {facets[0]}"
    return f"{difference.key}:" + "".join(f"\n       {line}" for facet in facets for line in facet.splitlines())


def _value(value: str | None) -> str:
    return "none" if value is None else value


def _ignored(drifted: Drifted) -> str:
    reason = "" if drifted.ignored is None else drifted.ignored.reason
    return f"Ignored: {in_words(drifted.difference)} ({reason or 'no reason given'})"


def _verdict(project: Project, report: DriftReport) -> list[str]:
    place = f"the history at {', '.join(report.revisions) or 'base'} (built on {report.built_on})"
    pending = f"; {report.pending} pending revisions are no drift" if report.pending else ""
    if not report.drifted:
        return [f"No drift: {report.live.location} is {place}{pending}."]
    what = "1 object differs" if len(report.drifted) == 1 else f"{len(report.drifted)} objects differ"
    lines = [f"Drift: of {report.live.location} {what} from {place}{pending}."]
    if not report.written:
        write = f'migrator drift{project.env_option} --write-revision -m "..."'
        return [*lines, f"Next: to have it in the history: {write}; or run the statements that take the database back"]
    for each in report.written:
        lines.append(f"Wrote {project.display(str(each.path))}")
        lines.append(f"  revision {each.id} on {', '.join(each.parents) or 'nothing: a new base'}")
        lines += [f"error: {failure}" for failure in each.hook_failures]
    return [
        *lines,
        f"Next: review the file, then migrator upgrade{project.env_option}: there its statements find that all is done",
    ]


def drift_as_dict(project: Project, report: DriftReport) -> dict[str, object]:
    """The same for a program; statements are whole."""
    return {
        "schema": "migrator/drift/1",
        "database": {
            "location": report.live.location,
            "server": report.live.state.server,
            "revisions": list(report.revisions),
            "pending": report.pending,
        },
        "built_on": report.built_on,
        "differences": [_drifted_as_dict(each) for each in report.drifted],
        "ignored": [
            {**_drifted_as_dict(each), "pattern": each.ignored.object, "reason": each.ignored.reason}
            for each in report.ignored
            if each.ignored is not None
        ],
        "reordered": [{**difference_as_dict(each), "text": in_words(each)} for each in report.reordered],
        "findings": [finding_as_dict(finding) for finding in report.findings],
        "notices": list(report.notices),
        "written": [
            {"revision": each.id, "path": project.display(str(each.path)), "parents": list(each.parents)}
            for each in report.written
        ],
        "exit_code": int(report.exit_code),
    }


def _drifted_as_dict(drifted: Drifted) -> dict[str, object]:
    return {
        **difference_as_dict(drifted.difference),
        "text": in_words(drifted.difference),
        "to_database": list(drifted.to_database),
        "to_history": list(drifted.to_history),
    }


def difference_as_dict(difference: Difference) -> dict[str, object]:
    """An object of two schemas, the history's first."""
    key = difference.key
    return {
        "change": difference.change.value,
        "object": {"kind": key.kind.value, "schema": key.schema, "table": key.table, "name": key.name},
        "facets": [{"name": each.name, "history": each.before, "database": each.after} for each in difference.facets],
    }
