"""Plans and finished runs, as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from migrator.chain.model import Direction
from migrator.execution.planning import Plan, beyond_lines
from migrator.execution.results import Outcome, RunReport
from migrator.project import Project
from migrator.report.durations import duration

if TYPE_CHECKING:
    from migrator.chain.operations import Operation
    from migrator.database.estimates import Estimates
    from migrator.execution.resolving import ResolveReport
    from migrator.execution.stamping import StampReport

_SHOWN_OPERATIONS = 8


def plans_as_text(project: Project, plans: Sequence[Plan], sizes: Estimates) -> str:
    """What a run would do: each revision with its direction, file and operations.

    Args:
        project: for the names of files.
        plans: one for each database.
        sizes: of the tables that would lose something.

    """
    return "\n".join(_plan_as_text(project, plan, sizes) for plan in plans)


def _plan_as_text(project: Project, plan: Plan, sizes: Estimates) -> str:
    if not plan.steps:
        return f"Nothing to do: {plan.location or 'the database'} is at {_place(plan)}."
    lines = [f"Plan for {plan.location}: {plan.direction.value} {named(plan.before)} -> {named(plan.after)}"]
    for number, revision in enumerate(plan.steps, start=1):
        lines.append(f"{number:>4}. {plan.direction.value} {revision.id}  {revision.title}".rstrip())
        lines.append(f"      {project.display(revision.path)}")
        operations = [_in_words(each, sizes) for each in _operations(plan.direction, revision.path)]
        lines += [f"        - {operation}" for operation in operations[:_SHOWN_OPERATIONS]]
        if len(operations) > _SHOWN_OPERATIONS:
            lines.append(f"        - and {len(operations) - _SHOWN_OPERATIONS} more")
    lines.append("Nothing was run (--dry-run).")
    return "\n".join(lines)


def _operations(direction: Direction, path: str) -> Sequence[Operation]:
    from migrator.chain.operations import read_operations

    operations = read_operations(path)
    return operations.upgrade if direction is Direction.UPGRADE else operations.downgrade


def _in_words(operation: Operation, sizes: Estimates) -> str:
    if not operation.destructive:
        return operation.summary
    from migrator.execution.destruction import table_of

    table = table_of(operation)
    return f"{operation.summary}  (destructive{f': {sizes.in_words(table)}' if table else ''})"


def _losses(operations: Sequence[Operation], sizes: Estimates) -> list[dict[str, object]]:
    from migrator.execution.destruction import table_of

    named = [(each, table_of(each)) for each in operations if each.destructive]
    return [
        {
            "operation": operation.summary,
            "line": operation.line,
            "table": str(table) if table else None,
            "estimated_rows": sizes.rows.get(table) if table else None,
        }
        for operation, table in named
    ]


def plans_as_dict(project: Project, plans: Sequence[Plan], sizes: Estimates) -> dict[str, object]:
    """The same as JSON."""
    return {
        "schema": "migrator/plan/1",
        "plans": [
            {
                "location": plan.location,
                "direction": plan.direction.value,
                "target": plan.target,
                "before": list(plan.before),
                "after": list(plan.after),
                "steps": [
                    {
                        "revision": revision.id,
                        "doc": revision.doc,
                        "path": project.display(revision.path),
                        "operations": [_in_words(each, sizes) for each in operations],
                        "losses": _losses(operations, sizes),
                    }
                    for revision in plan.steps
                    for operations in [_operations(plan.direction, revision.path)]
                ],
            }
            for plan in plans
        ],
    }


def report_as_text(report: RunReport) -> str:
    """The conclusion of a run in one line for each database."""
    if report.outcome is Outcome.NOTHING_TO_DO:
        if report.by_another:
            return "\n".join(
                f"Nothing to do: another process brought the database to {_place(plan)}." for plan in report.plans
            )
        return "\n".join(f"Nothing to do: the database is at {_place(plan)}." for plan in report.plans)
    verb = "Upgraded" if report.direction is Direction.UPGRADE else "Downgraded"
    count = len(report.steps)
    revisions = f"{count} revision{'s' if count != 1 else ''}"
    return "\n".join(
        f"{verb} {named(plan.before)} -> {named(plan.after)}: {revisions} in {duration(report.seconds)}."
        for plan in report.plans
    )


def _place(plan: Plan) -> str:
    return f"{named(plan.before)}, which is ahead of this code" if plan.is_ahead else named(plan.before)


def ahead_warnings(project: Project, plans: Sequence[Plan]) -> list[str]:
    """What to warn of after all has gone well, where the settings ask for it."""
    if project.care.if_ahead != "warn":
        return []
    lines: list[str] = []
    for plan in plans:
        if plan.is_ahead:
            place = named(plan.before)
            lines.append(f"the database is at {place}, which this code does not know: it was migrated by newer code")
            lines += [f"this code does not have {line}" for line in beyond_lines(plan.beyond)]
    return lines


def report_as_dict(report: RunReport) -> dict[str, object]:
    """The same as JSON."""
    return {
        "schema": "migrator/run/1",
        "outcome": report.outcome.value,
        "direction": report.direction.value,
        "databases": [
            {
                "location": plan.location,
                "before": list(plan.before),
                "after": list(plan.after),
                "ahead": plan.is_ahead,
                "beyond": [{"revision": each.id, "doc": each.title} for each in plan.beyond],
            }
            for plan in report.plans
        ],
        "by_another": report.by_another,
        "steps": [
            {"revision": step.revision, "doc": step.doc, "seconds": round(step.seconds, 6)} for step in report.steps
        ],
        "seconds": round(report.seconds, 6),
    }


def stamp_as_text(report: StampReport) -> str:
    """The conclusion of a stamp."""
    verb = "Would stamp" if report.dry_run else "Stamped"
    if set(report.before) == set(report.after):
        return f"Nothing to do: the database is stamped {named(report.after)}."
    return f"{verb} {named(report.before)} -> {named(report.after)}; no revision was run."


def stamp_as_dict(report: StampReport) -> dict[str, object]:
    """The same as JSON."""
    return {
        "schema": "migrator/stamp/1",
        "location": report.location,
        "before": list(report.before),
        "after": list(report.after),
        "dry_run": report.dry_run,
    }


def resolve_as_text(report: ResolveReport) -> str:
    """The conclusion of a resolve."""
    counts = "applied" if report.is_applied else "not applied"
    return (
        f"{report.revision} counts as {counts} now; the database is at {named(report.after)}. "
        "No statement of it was run."
    )


def resolve_as_dict(report: ResolveReport) -> dict[str, object]:
    """The same as JSON."""
    return {
        "schema": "migrator/resolve/1",
        "revision": report.revision,
        "outcome": "applied" if report.is_applied else "reverted",
        "before": list(report.before),
        "after": list(report.after),
    }


def named(rows: Sequence[str]) -> str:
    """Version rows in words."""
    return ", ".join(rows) or "base"
