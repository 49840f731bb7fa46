"""A check as SARIF 2.1.0, which code scanning services read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from migrator import __version__
from migrator.chain.rules.registry import RULES
from migrator.findings import Finding, Severity
from migrator.report.formats.places import repository_path

if TYPE_CHECKING:
    from migrator.verification.checking.report import CheckReport

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTICE: "note"}


def check_as_sarif(report: CheckReport) -> str:
    """One run with a result for each finding, and its rules with their help."""
    rules = _first_of_each_rule(report.findings)
    places = {rule: number for number, rule in enumerate(rules)}
    run: dict[str, object] = {
        "tool": {
            "driver": {
                "name": "migrator",
                "semanticVersion": __version__,
                "rules": [_rule(finding) for finding in rules.values()],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not report.skipped,
                "exitCode": int(report.exit_code),
                "toolExecutionNotifications": [
                    {"level": "warning", "message": {"text": f"Not checked: {reason}"}} for reason in report.skipped
                ],
            }
        ],
        "results": _results(report, places),
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2)


def _first_of_each_rule(findings: Sequence[Finding]) -> dict[str, Finding]:
    found: dict[str, Finding] = {}
    for finding in findings:
        found.setdefault(finding.rule, finding)
    return found


def _rule(finding: Finding) -> dict[str, object]:
    """A rule's own words where the registry has it; else those of its first finding."""
    known = RULES.get(finding.rule)
    summary = known.summary if known else f"{finding.rule.replace('-', ' ').capitalize()}."
    why = known.why if known else finding.cause
    remedy = known.remedy if known else finding.remedy
    help_text = "\n\n".join(filter(None, (why and f"Why: {why}", remedy and f"Instead: {remedy}"))) or summary
    return {
        "id": finding.rule,
        "shortDescription": {"text": summary},
        "fullDescription": {"text": why or summary},
        "help": {"text": help_text},
        "defaultConfiguration": {"level": _LEVELS[known.severity if known else finding.severity]},
        "properties": {"tags": ["migrations"]},
    }


def _results(report: CheckReport, places: dict[str, int]) -> list[dict[str, object]]:
    seen: dict[str, int] = {}
    results = []
    for finding in report.findings:
        mark = _fingerprint(finding)
        seen[mark] = seen.get(mark, 0) + 1
        results.append(_result(finding, report.folder, places, f"{mark}:{seen[mark]}"))
    return results


def _result(finding: Finding, folder: str, places: dict[str, int], fingerprint: str) -> dict[str, object]:
    text = "\n".join(filter(None, (finding.message, finding.cause, finding.remedy and f"Fix: {finding.remedy}")))
    result: dict[str, object] = {
        "ruleId": finding.rule,
        "ruleIndex": places[finding.rule],
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
        "partialFingerprints": {"migratorFinding/v1": fingerprint},
    }
    path = repository_path(finding, folder)
    if path is not None:
        location: dict[str, object] = {"artifactLocation": {"uri": _uri(path)}}
        if finding.line is not None:
            location["region"] = {"startLine": finding.line}
        result["locations"] = [{"physicalLocation": location}]
    return result


def _fingerprint(finding: Finding) -> str:
    """The same for the same finding after lines above it came or went."""
    said = "\0".join((finding.rule, finding.path or "", finding.revision or "", finding.message))
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _uri(path: str) -> str:
    return f"file://{quote(path)}" if path.startswith("/") else quote(path)
