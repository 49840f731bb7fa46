"""The part of a check that takes revisions up, down and up again on a scratch database."""

from __future__ import annotations

from migrator.errors import ConfigurationError, Unreachable, UsageError
from migrator.events import Listener
from migrator.project import Project
from migrator.verification.checking.models import in_one_line
from migrator.verification.checking.report import CheckedPart, Part, RevisionVerdict
from migrator.verification.roundtrips import Outcome, Verdict, VerifyReport, VerifyRequest, verify

_MOST_NOTES = 5


def check_round_trips(project: Project, chosen: tuple[str, ...] | None, listen: Listener) -> CheckedPart:
    """Let revisions make their round trips, or say why that could not be done.

    Args:
        project: whose revisions are meant.
        chosen: ids; None means all of them.
        listen: told as revisions begin and end.

    """
    title = title_of(chosen)
    try:
        report = verify(project, VerifyRequest(only=chosen or ()), listen)
    except (ConfigurationError, Unreachable, UsageError) as reason:
        return CheckedPart(part=Part.ROUND_TRIPS, title=title, not_checked=in_one_line(reason))
    return CheckedPart(
        part=Part.ROUND_TRIPS,
        title=title,
        findings=report.findings,
        complete=all(verdict.outcome is not Outcome.NOT_REACHED for verdict in report.verdicts),
        verdicts=tuple(_verdict(each) for each in report.verdicts),
        notes=_notes(report),
    )


def title_of(chosen: tuple[str, ...] | None) -> str:
    """Such as ``round trips of 2 revisions``."""
    if chosen is None:
        return "round trips"
    return f"round trips of {len(chosen)} revision{'s' if len(chosen) != 1 else ''}"


def _verdict(verdict: Verdict) -> RevisionVerdict:
    return RevisionVerdict(
        revision=verdict.revision,
        title=verdict.title,
        path=verdict.path,
        findings=verdict.findings,
        not_reached=verdict.reason if verdict.outcome is Outcome.NOT_REACHED else None,
        seconds=verdict.timing.total,
    )


def _notes(report: VerifyReport) -> tuple[str, ...]:
    shown = [f"Not filled with rows: {reason}" for reason in report.unfilled[:_MOST_NOTES]]
    if len(report.unfilled) > _MOST_NOTES:
        shown.append(f"Not filled with rows: {len(report.unfilled) - _MOST_NOTES} more (migrator verify names them)")
    return tuple(shown)
