"""A run as a trace: a span for the run, a span for each revision, what happened on the way as their events."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from enum import Enum
from typing import Final

from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

from migrator.errors import MigratorError
from migrator.events import (
    AttemptFailed,
    BlockerEnded,
    DatabaseAwaited,
    Event,
    InvalidIndexDropped,
    LedgerCreated,
    LockAwaited,
    LockObtained,
    StepFailed,
    StepFinished,
    StepResumed,
    StepStarted,
)
from migrator.redaction import redact
from migrator.telemetry.figures import Figures
from migrator.telemetry.measurements import database_attributes
from migrator.telemetry.subject import Ending, Subject

_PROPAGATION: Final = TraceContextTextMapPropagator()
_TOLD: Final = (
    AttemptFailed
    | BlockerEnded
    | DatabaseAwaited
    | InvalidIndexDropped
    | LedgerCreated
    | LockAwaited
    | LockObtained
    | StepResumed
)
"""What becomes an event of a span: not the steps themselves, which are spans, nor what is told each second."""
_VARIABLES: Final = {"TRACEPARENT": "traceparent", "TRACESTATE": "tracestate"}


class RunSpans:
    """The spans of one run."""

    def __init__(self, tracer: Tracer, subject: Subject, *, began: int, environ: Mapping[str, str]) -> None:
        """Begin the span of the run.

        Args:
            tracer: makes the spans.
            subject: what the run is about.
            began: nanoseconds of the epoch.
            environ: may hold ``TRACEPARENT``, which whoever started this process wants to be continued.

        """
        self._tracer = tracer
        self._subject = subject
        carrier = {header: environ[name] for name, header in _VARIABLES.items() if environ.get(name)}
        self._run = tracer.start_span(
            f"migrator {subject.direction.value}",
            context=_PROPAGATION.extract(carrier),
            kind=SpanKind.CLIENT,
            attributes={
                **database_attributes(subject),
                **({"server.port": subject.port} if subject.port else {}),
                "migrator.direction": subject.direction.value,
                "migrator.target": subject.target,
            },
            start_time=began,
        )
        self._revision: Span | None = None

    def take(self, event: Event) -> None:
        """Take an event of the run."""
        if isinstance(event, StepStarted):
            self._begin(event)
        elif isinstance(event, StepFinished):
            self._end_revision("done", None)
        elif isinstance(event, StepFailed):
            self._end_revision("failed", redact(event.reason))
        elif isinstance(event, _TOLD):
            (self._revision or self._run).add_event(_name(event), _attributes(event))

    def variables(self) -> dict[str, str]:
        """What makes a child process go on with the trace."""
        carrier: dict[str, str] = {}
        _PROPAGATION.inject(carrier, context=set_span_in_context(self._revision or self._run))
        return {name: carrier[header] for name, header in _VARIABLES.items() if header in carrier}

    def end(self, figures: Figures, ending: Ending) -> None:
        """End the span of the run, and that of a revision that was cut off."""
        reason = None
        if ending.error is not None:
            known = ending.error.message if isinstance(ending.error, MigratorError) else str(ending.error)
            reason = redact(known)
        self._end_revision(ending.outcome, reason)
        self._run.set_attributes(
            {
                "migrator.outcome": ending.outcome,
                "migrator.revisions.applied": len(figures.applied),
                "process.exit.code": int(ending.exit_code),
            }
        )
        if ending.error is not None:
            self._run.set_attribute("error.type", type(ending.error).__name__)
            self._run.set_status(Status(StatusCode.ERROR, reason))
        self._run.end()

    def _begin(self, event: StepStarted) -> None:
        self._revision = self._tracer.start_span(
            f"{event.direction.value} revision",
            context=set_span_in_context(self._run),
            kind=SpanKind.CLIENT,
            attributes={
                **database_attributes(self._subject),
                "migrator.direction": event.direction.value,
                "migrator.revision.id": event.revision,
                "migrator.revision.message": event.doc,
            },
        )

    def _end_revision(self, outcome: str, reason: str | None) -> None:
        if self._revision is not None:
            self._revision.set_attribute("migrator.outcome", outcome)
            if reason is not None:
                self._revision.set_attribute("error.type", outcome)
                self._revision.set_status(Status(StatusCode.ERROR, reason))
            self._revision.end()
            self._revision = None


def _attributes(event: Event) -> dict[str, AttributeValue]:
    """The fields of an event as OpenTelemetry takes them."""
    names = [field.name for field in dataclasses.fields(event)]
    found = {name: getattr(event, name) for name in names}
    return {
        "db.query.text" if name == "statement" else f"migrator.{name}": _attribute(value)
        for name, value in found.items()
        if value is not None
    }


def _attribute(value: object) -> AttributeValue:
    if isinstance(value, Enum):
        return value.name.lower()
    if isinstance(value, tuple):
        return [redact(str(each)) for each in value]
    return value if isinstance(value, int | float) else redact(str(value))


def _name(event: Event) -> str:
    return "migrator." + re.sub(r"(?<!^)(?=[A-Z])", "_", type(event).__name__).lower()
