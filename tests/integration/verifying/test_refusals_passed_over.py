"""A revision that catches what the server refuses goes on in a transaction that takes no more: the cause is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from projects import TinyProject

from migrator.project import Project
from migrator.verification.roundtrips import VerifyReport, VerifyRequest, verify

Opened = Callable[[TinyProject], Project]

CAUGHT = 'try:\n    op.drop_column("one", "nothing")\nexcept Exception:\n    pass\n'


@pytest.fixture(params=["history", "async_history"])
def report_on(request: pytest.FixtureRequest, opened: Opened) -> Callable[[str], VerifyReport]:
    def report(upgrade: str) -> VerifyReport:
        project: TinyProject = request.getfixturevalue(request.param)
        project.revision("one")
        project.revision("two", upgrade, "pass")
        return verify(opened(project), VerifyRequest())

    return report


def test_the_first_refusal_is_told_with_its_line(report_on: Callable[[str], VerifyReport], tmp_path: Path) -> None:
    (finding,) = report_on(CAUGHT + 'op.execute("SELECT 1")').findings
    assert finding.rule == "upgrade-fails"
    assert 'column "nothing" of relation "one" does not exist' in finding.message
    assert "(the revision went on after it, in a transaction that takes no more statements)" in finding.message
    assert "current transaction is aborted" not in finding.message
    assert finding.line is not None
    (file,) = tmp_path.glob(f"project/{finding.path}")
    assert 'op.drop_column("one", "nothing")' in file.read_text().splitlines()[finding.line - 1]


def test_one_within_a_savepoint_is_not_what_a_later_failure_is_about(report_on: Callable[[str], VerifyReport]) -> None:
    within = CAUGHT.replace("try:\n    op", "try:\n    with op.get_bind().begin_nested():\n        op")
    later = 'try:\n    op.drop_column("one", "either")\nexcept Exception:\n    pass\nop.execute("SELECT 1")'
    (finding,) = report_on(within + later).findings
    assert 'column "either" of relation "one" does not exist' in finding.message
    assert "nothing" not in finding.message


def test_a_failure_of_the_revision_itself_keeps_its_words(report_on: Callable[[str], VerifyReport]) -> None:
    (finding,) = report_on(CAUGHT + 'raise ValueError("of its own")').findings
    assert finding.message.endswith("fails: ValueError: of its own")
