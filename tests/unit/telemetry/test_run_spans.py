"""A run as a trace, read back from the SDK's exporter in memory."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from migrator.chain.model import Direction
from migrator.errors import ExitCode, PartlyApplied
from migrator.events import (
    AttemptFailed,
    Blocker,
    Event,
    InvalidIndexDropped,
    LockAwaited,
    LockObtained,
    Obstacle,
    RunStarted,
    StepFailed,
    StepFinished,
    StepResumed,
    StepStarted,
)
from migrator.redaction import remember_secret
from migrator.telemetry.figures import Figures
from migrator.telemetry.measurements import measure
from migrator.telemetry.spans import RunSpans
from migrator.telemetry.subject import Ending, Subject, ending_of

SUBJECT = Subject(
    direction=Direction.UPGRADE,
    target="heads",
    profile="prod",
    dialect="postgresql",
    database="app",
    address="db.internal",
    port=5432,
)
DONE = Ending(outcome="done", exit_code=ExitCode.DONE, seconds=1.5)
BEGAN = 1_700_000_000_000_000_000


def begun(revision: str, number: int = 1) -> StepStarted:
    return StepStarted(revision=revision, doc=f"create {revision}", number=number, steps=2, direction=Direction.UPGRADE)


def finished(revision: str, number: int = 1) -> StepFinished:
    return StepFinished(revision=revision, number=number, steps=2, seconds=0.5)


def traced(*events: Event, ending: Ending = DONE, environ: dict[str, str] | None = None) -> dict[str, ReadableSpan]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    spans, figures = RunSpans(provider.get_tracer("t"), SUBJECT, began=BEGAN, environ=environ or {}), Figures()
    for event in events:
        figures.take(event)
        spans.take(event)
    spans.end(figures, ending)
    found = exporter.get_finished_spans()
    return {str((span.attributes or {}).get("migrator.revision.id", "run")): span for span in found}


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def test_a_run_is_a_span_with_one_for_each_revision_below_it() -> None:
    spans = traced(
        RunStarted(direction=Direction.UPGRADE, steps=2), begun("r1"), finished("r1"), begun("r2", 2), finished("r2", 2)
    )
    assert set(spans) == {"run", "r1", "r2"}
    run = spans["run"]
    assert (run.name, run.start_time, run.parent) == ("migrator upgrade", BEGAN, None)
    assert attributes(run) == {
        "db.system.name": "postgresql",
        "db.namespace": "app",
        "server.address": "db.internal",
        "server.port": 5432,
        "migrator.profile": "prod",
        "migrator.direction": "upgrade",
        "migrator.target": "heads",
        "migrator.outcome": "done",
        "migrator.revisions.applied": 2,
        "process.exit.code": 0,
    }
    assert run.status.status_code is StatusCode.UNSET
    for revision in ("r1", "r2"):
        span = spans[revision]
        assert span.parent is not None
        assert span.parent.span_id == run.context.span_id
        assert span.name == "upgrade revision"
        assert attributes(span)["migrator.outcome"] == "done"


def test_what_happened_on_the_way_stands_where_it_happened() -> None:
    attempt = AttemptFailed(
        revision="r1",
        obstacle=Obstacle.DEADLOCK,
        statement="ALTER TABLE t ADD COLUMN c int",
        blockers=(Blocker(session=7, user="web"),),
        attempt=1,
        pause=0.5,
        waited=1,
        limit=300,
    )
    spans = traced(
        LockAwaited(holder=None, waited=0, limit=300),
        LockObtained(waited=2.5),
        begun("r1"),
        StepResumed(revision="r1", done=2),
        InvalidIndexDropped(index="ix"),
        attempt,
        finished("r1"),
    )
    assert [event.name for event in spans["run"].events] == ["migrator.lock_awaited", "migrator.lock_obtained"]
    assert [event.name for event in spans["r1"].events] == [
        "migrator.step_resumed",
        "migrator.invalid_index_dropped",
        "migrator.attempt_failed",
    ]
    told = dict(spans["r1"].events[2].attributes or {})
    assert told["migrator.obstacle"] == "deadlock"
    assert told["db.query.text"] == "ALTER TABLE t ADD COLUMN c int"
    assert told["migrator.blockers"] == ("process 7 (user web, transaction open)",)


def test_a_failure_marks_revision_and_run_and_names_no_secret() -> None:
    remember_secret("hunter2hunter2")
    failed = StepFailed(revision="r2", number=2, steps=2, reason="no such table hunter2hunter2")
    ending = ending_of(PartlyApplied("r2 failed: hunter2hunter2"), 2.0)
    spans = traced(begun("r1"), finished("r1"), begun("r2", 2), failed, ending=ending)
    for name in ("r2", "run"):
        assert spans[name].status.status_code is StatusCode.ERROR
        assert "hunter2" not in str(spans[name].status.description)
        assert "***" in str(spans[name].status.description)
    assert attributes(spans["run"])["error.type"] == "PartlyApplied"
    assert attributes(spans["run"])["process.exit.code"] == 8
    assert spans["r1"].status.status_code is StatusCode.UNSET


def test_a_revision_that_a_signal_cut_off_is_ended_with_the_run() -> None:
    ending = ending_of(KeyboardInterrupt(), 1.0)
    spans = traced(begun("r1"), ending=ending)
    assert attributes(spans["r1"])["migrator.outcome"] == "interrupted"


def test_a_trace_from_outside_is_gone_on_with_and_handed_on() -> None:
    parent = {"TRACEPARENT": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    run = traced(environ=parent)["run"]
    assert f"{run.context.trace_id:032x}" == "0af7651916cd43dd8448eb211c80319c"
    assert run.parent is not None
    assert f"{run.parent.span_id:016x}" == "b7ad6b7169203331"


@pytest.mark.parametrize("broken", ["", "nonsense", "00-0-0-0"])
def test_a_trace_that_cannot_be_read_is_passed_over(broken: str) -> None:
    assert traced(environ={"TRACEPARENT": broken})["run"].parent is None


def test_a_run_is_measured() -> None:
    reader = InMemoryMetricReader()
    provider = MeterProvider(metric_readers=[reader], shutdown_on_exit=False)
    figures = Figures()
    for event in (LockObtained(waited=2.5), begun("r1"), finished("r1")):
        figures.take(event)
    measure(provider.get_meter("t"), figures, DONE, SUBJECT)
    data: Any = reader.get_metrics_data()
    found = {metric.name: metric.data.data_points[0] for metric in data.resource_metrics[0].scope_metrics[0].metrics}
    assert found["migrator.run.duration"].sum == 1.5
    assert found["migrator.run.duration"].attributes["migrator.outcome"] == "done"
    assert found["migrator.lock.wait.duration"].sum == 2.5
    assert found["migrator.revisions.applied"].value == 1
    assert found["migrator.attempts"].value == 1
    assert found["migrator.attempts"].attributes["db.namespace"] == "app"
