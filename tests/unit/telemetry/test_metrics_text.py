"""The metrics file, read as Prometheus reads it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from migrator.chain.model import Direction
from migrator.errors import ExitCode, RunFailed
from migrator.telemetry.figures import Applied, Figures
from migrator.telemetry.metrics_file import metrics_text, write_metrics
from migrator.telemetry.subject import Ending, Subject, ending_of

SUBJECT = Subject(direction=Direction.UPGRADE, target="heads", profile="prod", database="app")
LABELS = {"profile": "prod", "database": "app"}
DONE = Ending(outcome="done", exit_code=ExitCode.DONE, seconds=1.25)
FAILED = ending_of(RunFailed("it failed"), 2.5)


def samples(text: str) -> dict[str, float]:
    families = list(text_string_to_metric_families(text))
    assert all(family.documentation and family.type in {"gauge", "counter"} for family in families)
    return {sample.name: sample.value for family in families for sample in family.samples}


def figures(**changes: object) -> Figures:
    known: dict[str, object] = {
        "planned": 3,
        "applied": [Applied("r1", "", 0.5)],
        "attempts": 2,
        "lock_wait": 4.5,
        **changes,
    }
    return Figures(**known)  # type: ignore[arg-type]


def test_a_run_is_told_in_figures() -> None:
    text = metrics_text(SUBJECT, figures(), DONE, now=1000.5, former={})
    assert samples(text) == {
        "migrator_run_duration_seconds": 1.25,
        "migrator_run_outcome": 1,
        "migrator_run_exit_code": 0,
        "migrator_revisions_applied": 1,
        "migrator_revisions_pending": 2,
        "migrator_lock_wait_seconds": 4.5,
        "migrator_attempts_total": 2,
        "migrator_last_success_timestamp_seconds": 1000.5,
    }
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            extra = {"outcome": "done"} if sample.name == "migrator_run_outcome" else {}
            assert sample.labels == {**LABELS, **extra}


def test_what_is_not_known_is_left_out() -> None:
    found = samples(metrics_text(SUBJECT, figures(planned=None), FAILED, now=1000.5, former={}))
    assert "migrator_revisions_pending" not in found
    assert "migrator_last_success_timestamp_seconds" not in found
    assert found["migrator_run_exit_code"] == 7


def test_any_label_can_be_read() -> None:
    odd = Subject(direction=Direction.UPGRADE, target="heads", profile='a"b', database="C:\\x\ny")
    (family, *_) = text_string_to_metric_families(metrics_text(odd, figures(), DONE, now=0, former={}))
    assert family.samples[0].labels == {"profile": 'a"b', "database": "C:\\x\ny"}


def test_a_failure_keeps_the_last_success_and_counts_on(tmp_path: Path) -> None:
    path = tmp_path / "migrator.prom"
    write_metrics(path, SUBJECT, figures(), DONE)
    success = samples(path.read_text())["migrator_last_success_timestamp_seconds"]
    write_metrics(path, SUBJECT, figures(applied=[]), FAILED)
    found = samples(path.read_text())
    assert found["migrator_last_success_timestamp_seconds"] == success
    assert found["migrator_attempts_total"] == 4
    assert found["migrator_run_exit_code"] == 7


def test_another_database_s_file_is_not_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "migrator.prom"
    write_metrics(path, Subject(direction=Direction.UPGRADE, target="heads", profile="staging"), figures(), DONE)
    write_metrics(path, SUBJECT, figures(), FAILED)
    assert samples(path.read_text())["migrator_attempts_total"] == 2


def test_what_is_no_metrics_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "migrator.prom"
    path.write_bytes(b"\xff\xfe nothing of ours")
    write_metrics(path, SUBJECT, figures(), DONE)
    assert samples(path.read_text())["migrator_attempts_total"] == 2


def test_the_collector_can_read_the_file_and_finds_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "migrator.prom"
    write_metrics(path, SUBJECT, figures(), DONE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert [each.name for each in tmp_path.iterdir()] == ["migrator.prom"]


def test_a_file_that_cannot_be_replaced_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "migrator.prom"
    path.mkdir()
    with pytest.raises(OSError, match="directory"):
        write_metrics(path, SUBJECT, figures(), DONE)
    assert [each.name for each in tmp_path.iterdir()] == ["migrator.prom"]
