"""The report of round trips in words."""

from __future__ import annotations

from migrator.findings import Finding, Severity
from migrator.report.verification import verification_as_dict, verification_as_text
from migrator.verification.roundtrips.model import Outcome, Timing, Verdict, VerifyReport

FINDING = Finding(rule="downgrade-leaves", severity=Severity.WARNING, message="It leaves something.", revision="r0")


def verdict(number: int, outcome: Outcome = Outcome.EXACT, **more: object) -> Verdict:
    timing = Timing(up=0.001, down=0.002, again=None, total=0.01 * (number + 1))
    values: dict[str, object] = {"title": "", "path": "x.py", "timing": timing, **more}
    return Verdict(revision=f"r{number}", outcome=outcome, **values)  # type: ignore[arg-type]


def test_each_outcome_is_counted_and_reasons_are_told() -> None:
    report = VerifyReport(
        revisions=20,
        verdicts=(
            verdict(0, Outcome.FAULTY, findings=(FINDING,)),
            verdict(1, Outcome.ONE_WAY, reason="rows were merged", title="Merge"),
            verdict(2, Outcome.NOT_REACHED, reason="it stands on r9, whose upgrade() fails"),
            verdict(3),
        ),
        server="PostgreSQL 18.1",
        with_data=True,
        unfilled=("public.x: no value is known for the type vector",),
        seconds=2.5,
    )
    assert verification_as_text(report).splitlines() == [
        "warning[downgrade-leaves] It leaves something.",
        "1 warning",
        "one-way: r1 (Merge): rows were merged",
        "not reached: r2: it stands on r9, whose upgrade() fails",
        "no rows: public.x: no value is known for the type vector",
        (
            "Failed: 3 of 20 revisions made a round trip on PostgreSQL 18.1 with rows in the tables in 2.5 s: "
            "1 exact, 1 one-way, 1 with findings, 1 not reached."
        ),
    ]
    assert verification_as_dict(report)["exit_code"] == 9


def test_the_slowest_five_of_many() -> None:
    shown = verification_as_text(VerifyReport(revisions=8, verdicts=tuple(verdict(number) for number in range(8))))
    lines = shown.splitlines()
    assert lines[0] == "slowest:"
    assert lines[1].split() == ["80", "ms", "r7", "(up", "1", "ms,", "down", "2", "ms)"]
    assert [line.split()[2] for line in lines[1:6]] == ["r7", "r6", "r5", "r4", "r3"]
    assert lines[6].startswith("OK: 8 revisions made a round trip")


def test_notices_are_no_failure() -> None:
    notice = Finding(rule="downgrade-leaves", severity=Severity.NOTICE, message="An enum value.", revision="r0")
    assert VerifyReport(revisions=1, verdicts=(verdict(0, findings=(notice,)),)).exit_code == 0


def test_nothing_to_do() -> None:
    assert verification_as_text(VerifyReport(revisions=3, verdicts=())) == "OK: none of 3 revisions was to be verified."
