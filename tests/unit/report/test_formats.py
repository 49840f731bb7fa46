"""A check in the formats of other programs: each is read back by the rules of whoever reads it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from migrator.errors import ExitCode
from migrator.findings import Finding, Severity
from migrator.report.checks import check_as_text
from migrator.report.formats import check_in_format
from migrator.verification.checking.report import CheckedPart, CheckReport, Part, RevisionVerdict, exit_code_of

HEADS = Finding(
    rule="several-heads",
    severity=Severity.ERROR,
    message="two heads: a1, b2",
    path="migrations/versions/a1_é, 100%.py",
    line=7,
    revision="a1",
    cause="An upgrade to head\nfails.",
    remedy='migrator merge -m "a: b, c"',
)
LEAVES = Finding(
    rule="downgrade-leaves",
    severity=Severity.WARNING,
    message="downgrade leaves type <mood> & \x1b[31m@everyone | `x`",
    path="migrations/versions/b2.py",
    line=30,
    revision="b2",
    remedy='op.execute("DROP TYPE mood")',
)
NOTICE = Finding(rule="redundant-depends-on", severity=Severity.NOTICE, message="needless", path="/elsewhere/c3.py")
CHAIN = CheckedPart(part=Part.CHAIN, title="chain", findings=(HEADS, NOTICE), seconds=0.25)
TRIPS = CheckedPart(
    part=Part.ROUND_TRIPS,
    title="round trips of 3 revisions",
    findings=(LEAVES,),
    kept_since="2026-11-21T10:02:00+00:00",
    verdicts=(
        RevisionVerdict(revision="a1", title="users", path="migrations/versions/a1.py", seconds=0.5),
        RevisionVerdict(revision="b2", title='"quoted" & more', path="migrations/versions/b2.py", findings=(LEAVES,)),
        RevisionVerdict(revision="c3", title="", path="migrations/versions/c3.py", not_reached="b2 fails"),
    ),
)
MODELS = CheckedPart(part=Part.MODELS, title="models against history", not_checked="no server")


def report(*parts: CheckedPart, folder: str = "") -> CheckReport:
    return CheckReport(revisions=3, parts=parts, exit_code=exit_code_of(parts), folder=folder)


FULL = report(CHAIN, MODELS, TRIPS, folder="back end")
CLEAN = report(replace(CHAIN, findings=()))


def test_the_weightiest_part_decides_the_exit_code() -> None:
    assert FULL.exit_code is ExitCode.CHAIN
    assert report(replace(CHAIN, findings=(NOTICE,)), TRIPS).exit_code is ExitCode.VERIFICATION
    assert report(replace(CHAIN, findings=(LEAVES,))).exit_code is ExitCode.FINDINGS
    assert report(replace(CHAIN, findings=(NOTICE,)), MODELS).exit_code is ExitCode.DONE


def test_text_says_what_was_looked_at_what_was_known_and_what_was_not() -> None:
    last = check_as_text(report(MODELS, TRIPS)).splitlines()[-3:]
    assert last[0] == "Checked: 3 revisions; round trips of 3 revisions."
    assert re.fullmatch(r"Unchanged since 2026-11-2\d \d\d:\d\d, from the cache: round trips of 3 revisions\.", last[1])
    assert last[2] == "Not checked: models against history: no server"


GITHUB = re.compile(r"::(?P<command>error|warning|notice) (?P<properties>[^:]*(?:%3A[^:]*)*)::(?P<data>.*)")


def test_github_commands_survive_the_runner() -> None:
    """The runner splits a line at ``::`` and ``,`` and then takes the escapes back."""
    lines = check_in_format(FULL, "github").splitlines()
    first = GITHUB.fullmatch(lines[0])
    assert first is not None
    properties = dict(pair.split("=", 1) for pair in first["properties"].split(","))
    assert unquote(properties["file"]) == "back end/migrations/versions/a1_é, 100%.py"
    assert (properties["line"], unquote(properties["title"])) == ("7", "migrator: several-heads")
    assert unquote(first["data"]) == (
        'two heads: a1, b2\nWhy: An upgrade to head\nfails.\nFix: migrator merge -m "a: b, c"'
    )
    assert [line.split(" ")[0] for line in lines[:3]] == ["::error", "::notice", "::warning"]
    assert lines[3].startswith("Checked: 3 revisions")
    assert check_in_format(CLEAN, "github") == "OK: 3 revisions; chain."


SARIF_TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
SARIF_LEVEL = {"enum": ["none", "note", "warning", "error"]}
SARIF_LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "properties": {
        "physicalLocation": {
            "required": ["artifactLocation"],
            "additionalProperties": False,
            "properties": {
                "artifactLocation": {"properties": {"uri": {"type": "string", "format": "uri-reference"}}},
                "region": {"properties": {"startLine": {"type": "integer", "minimum": 1}}},
            },
        }
    },
}
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "items": {
                "required": ["tool", "results"],
                "properties": {
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "tool": {
                        "properties": {
                            "driver": {
                                "required": ["name"],
                                "properties": {
                                    "rules": {
                                        "uniqueItems": True,
                                        "items": {
                                            "required": ["id", "help"],
                                            "properties": {
                                                "help": SARIF_TEXT,
                                                "shortDescription": SARIF_TEXT,
                                                "defaultConfiguration": {"properties": {"level": SARIF_LEVEL}},
                                            },
                                        },
                                    }
                                },
                            }
                        }
                    },
                    "invocations": {"items": {"required": ["executionSuccessful"]}},
                    "results": {
                        "items": {
                            "required": ["message", "ruleId", "ruleIndex", "level", "partialFingerprints"],
                            "properties": {
                                "message": SARIF_TEXT,
                                "level": SARIF_LEVEL,
                                "locations": {"type": "array", "items": SARIF_LOCATION},
                                "partialFingerprints": {"additionalProperties": {"type": "string"}},
                            },
                        }
                    },
                },
            }
        },
    },
}
"""The part of SARIF 2.1.0's own schema that these reports use."""


def sarif(of: CheckReport) -> dict[str, object]:
    body = json.loads(check_in_format(of, "sarif"))
    jsonschema.Draft202012Validator(SARIF).validate(body)
    (run,) = body["runs"]
    return dict(run)


def test_sarif_names_rules_places_and_what_was_not_checked() -> None:
    run = sarif(FULL)
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["several-heads", "redundant-depends-on", "downgrade-leaves"]
    results = run["results"]
    assert [rules[result["ruleIndex"]] for result in results] == [result["ruleId"] for result in results]
    assert [result["level"] for result in results] == ["error", "note", "warning"]
    uris = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in results]
    assert uris[0] == "back%20end/migrations/versions/a1_%C3%A9%2C%20100%25.py"
    assert uris[1] == "file:///elsewhere/c3.py"
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "no server" in invocation["toolExecutionNotifications"][0]["message"]["text"]
    assert sarif(CLEAN)["results"] == []


def test_sarif_knows_a_finding_again_when_its_line_moved_and_two_alike_apart() -> None:
    def marks(*findings: Finding) -> list[str]:
        results = sarif(report(replace(CHAIN, findings=findings)))["results"]
        return [result["partialFingerprints"]["migratorFinding/v1"] for result in results]

    assert marks(HEADS) == marks(replace(HEADS, line=70))
    assert marks(HEADS) != marks(LEAVES)
    assert len(set(marks(HEADS, replace(HEADS, line=8)))) == 2


def test_junit_has_a_case_for_each_part_and_each_revision() -> None:
    suites = ET.fromstring(check_in_format(FULL, "junit"))
    (suite,) = suites.findall("testsuite")
    cases = suite.findall("testcase")
    names = [(case.get("classname"), case.get("name")) for case in cases]
    assert names == [
        ("migrator.chain", "chain"),
        ("migrator.models", "models against history"),
        ("migrator.round-trips", "round trips of 3 revisions"),
        ("migrator.round-trips", "a1 users"),
        ("migrator.round-trips", 'b2 "quoted" & more'),
        ("migrator.round-trips", "c3"),
    ]
    outcomes = [[child.tag for child in case] for case in cases]
    assert outcomes == [["failure", "system-out"], ["skipped"], [], [], ["failure"], ["skipped"]]
    assert [suite.get(count) for count in ("tests", "failures", "errors", "skipped")] == ["6", "2", "0", "2"]
    assert cases[4].get("file") == "back end/migrations/versions/b2.py"
    failure = cases[4].find("failure")
    assert failure is not None
    assert failure.get("type") == "downgrade-leaves"
    assert 'op.execute("DROP TYPE mood")' in str(failure.text)
    assert "\x1b" not in str(failure.text)


def test_a_finding_of_a_part_and_of_no_revision_fails_the_part() -> None:
    beside = replace(TRIPS, findings=(HEADS, LEAVES))
    first, *_ = ET.fromstring(check_in_format(report(beside), "junit")).iter("testcase")
    assert first.find("failure") is not None


def test_markdown_is_short_and_nothing_in_it_becomes_markup() -> None:
    text = check_in_format(FULL, "markdown")
    head, table, checked, details = text.split("\n\n", 3)
    assert head == "<!-- migrator check -->\n### :x: Migrations: 1 error, 1 warning, 1 notice"
    rows = table.splitlines()
    assert len(rows) == 5
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows)
    assert "@everyone" not in table
    assert "&lt;mood&gt;" in table
    assert "no server" in checked
    assert details.count("<details>") == details.count("</details>") == 1
    assert "all is well" in check_in_format(CLEAN, "markdown")


@pytest.mark.parametrize("count", [21, 3000])
def test_markdown_of_many_findings_fits_a_comment(count: int) -> None:
    many = tuple(replace(LEAVES, message=f"finding {number}") for number in range(count))
    text = check_in_format(report(replace(CHAIN, findings=many)), "markdown")
    assert f"and {count - 20} more" in text
    assert len(text) < 65_536
