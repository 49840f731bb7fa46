"""The report of the round trips, as text and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from migrator.report.durations import duration
from migrator.report.findings import finding_as_dict, findings_as_text

if TYPE_CHECKING:
    from migrator.verification.roundtrips.model import Timing, Verdict, VerifyReport

_SLOWEST: Final = 5
_COUNTED: Final = {
    "exact": "exact",
    "one-way": "one-way",
    "faulty": "with findings",
    "not reached": "not reached",
}


def verification_as_text(report: VerifyReport) -> str:
    """Findings first, then what was not tried and why, the slowest revisions, and the conclusion."""
    lines = [findings_as_text(report.findings)] if report.findings else []
    lines += [f"{each.outcome.value}: {_named(each)}: {each.reason}" for each in report.verdicts if each.reason]
    lines += [f"no rows: {each}" for each in report.unfilled]
    lines += _slowest(report)
    lines.append(_conclusion(report))
    return "\n".join(lines)


def _slowest(report: VerifyReport) -> Iterator[str]:
    tried = _tried(report)
    if len(tried) <= _SLOWEST:
        return
    yield "slowest:"
    for each in sorted(tried, key=lambda verdict: verdict.timing.total, reverse=True)[:_SLOWEST]:
        steps = (("up", each.timing.up), ("down", each.timing.down), ("up again", each.timing.again))
        told = ", ".join(f"{name} {duration(seconds)}" for name, seconds in steps if seconds is not None)
        yield f"  {duration(each.timing.total):>8}  {_named(each)}{f'  ({told})' if told else ''}"


def _conclusion(report: VerifyReport) -> str:
    if not report.verdicts:
        return f"OK: none of {report.revisions} revisions was to be verified."
    counts = Counter(each.outcome.value for each in report.verdicts)
    told = ", ".join(f"{counts[name]} {words}" for name, words in _COUNTED.items() if counts[name])
    number = len(_tried(report))
    of = "" if number == report.revisions else f" of {report.revisions}"
    trips = f"{number}{of} revision{'s' if report.revisions > 1 else ''} made a round trip"
    rows = "with rows in the tables" if report.with_data else "on empty tables"
    anew = f"; the state was built anew {report.rebuilt} times" if report.rebuilt > 1 else ""
    verdict = "Failed" if report.exit_code else "OK"
    return f"{verdict}: {trips} on {report.server} {rows} in {duration(report.seconds)}: {told}{anew}."


def _tried(report: VerifyReport) -> list[Verdict]:
    """Without those that stand on one that cannot be applied."""
    return [each for each in report.verdicts if each.outcome.value != "not reached"]


def _named(verdict: Verdict) -> str:
    return f"{verdict.revision} ({verdict.title})" if verdict.title else verdict.revision


def verification_as_dict(report: VerifyReport) -> dict[str, object]:
    """The same as JSON; durations in seconds."""
    return {
        "schema": "migrator/verify/1",
        "revisions": report.revisions,
        "server": report.server,
        "with_data": report.with_data,
        "seconds": round(report.seconds, 3),
        "rebuilt": report.rebuilt,
        "unfilled": list(report.unfilled),
        "verdicts": [_verdict_as_dict(each) for each in report.verdicts],
        "findings": [finding_as_dict(finding) for finding in report.findings],
        "exit_code": int(report.exit_code),
    }


def _verdict_as_dict(verdict: Verdict) -> dict[str, object]:
    return {
        "revision": verdict.revision,
        "title": verdict.title,
        "path": verdict.path,
        "outcome": verdict.outcome.value,
        "reason": verdict.reason,
        "findings": [finding_as_dict(finding) for finding in verdict.findings],
        "seconds": _timing_as_dict(verdict.timing),
    }


def _timing_as_dict(timing: Timing) -> dict[str, float | None]:
    times = {"up": timing.up, "down": timing.down, "again": timing.again, "total": timing.total}
    return {name: None if seconds is None else round(seconds, 6) for name, seconds in times.items()}
