"""OpenTelemetry for one run: asked for by the standard environment, opened late, and never waited for long."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from migrator.events import Event
from migrator.redaction import redact
from migrator.telemetry.figures import Figures
from migrator.telemetry.subject import Ending, Subject

if TYPE_CHECKING:
    from migrator.telemetry.providers import Providers
    from migrator.telemetry.spans import RunSpans

_ENDPOINT: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"
NOTHING_TO_DO: Final = "nothing_to_do"


@dataclass(frozen=True, slots=True)
class Signals:
    """What is to be exported, and through which exporter: ``otlp``, ``console`` or another that is installed."""

    traces: str | None
    metrics: str | None


def asked_signals(environ: Mapping[str, str]) -> Signals | None:
    """What the environment asks for, by the names of the specification; None: nothing."""
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return None
    signals = Signals(traces=_exporter("TRACES", environ), metrics=_exporter("METRICS", environ))
    return signals if signals.traces or signals.metrics else None


def _exporter(signal: str, environ: Mapping[str, str]) -> str | None:
    named = environ.get(f"OTEL_{signal}_EXPORTER", "").strip()
    if named:
        first = named.partition(",")[0].strip()
        return None if first == "none" else first
    has_endpoint = environ.get(_ENDPOINT) or environ.get(f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")
    return "otlp" if has_endpoint else None


class Exporting:
    """One run as a trace and as measurements; opened when there is something to tell."""

    def __init__(self, subject: Subject, signals: Signals, environ: Mapping[str, str]) -> None:
        self._subject = subject
        self._signals = signals
        self._environ = environ
        self._began = time.time_ns()
        self._providers: Providers | None = None
        self._spans: RunSpans | None = None
        self._heard: list[str] = []
        self._is_closed = False

    def take(self, event: Event) -> None:
        """Take an event of the run."""
        self._open()
        if self._spans is not None:
            self._spans.take(event)

    def trace_variables(self) -> dict[str, str]:
        """What makes a child process go on with the trace."""
        return {} if self._spans is None else self._spans.variables()

    def end(self, figures: Figures, ending: Ending, *, limit: float) -> str | None:
        """End the trace, measure the run and send both.

        Args:
            figures: what the run did.
            ending: how it ended.
            limit: seconds after which whoever does not take it is left alone.

        Returns:
            Why it could not be sent; None when it was, and when there was nothing to tell.

        """
        if ending.outcome == NOTHING_TO_DO and self._providers is None:
            return None
        self._open()
        if self._providers is None or self._spans is None:
            return None
        self._spans.end(figures, ending)
        with _warnings_of_the_library(self._heard):
            in_time = _within(limit, self._providers.closing(figures, ending, self._subject))
        said = redact(self._heard[0]) if self._heard else None
        return said if in_time else f"not sent within {limit:.1f} s{f': {said}' if said else ''}"

    def _open(self) -> None:
        if self._is_closed or self._providers is not None:
            return
        from migrator.telemetry.providers import open_providers

        with _warnings_of_the_library(self._heard):
            try:
                self._providers = open_providers(self._signals, self._environ)
            except ImportError:  # not installed, which is nobody's mistake: the application's settings hold here too
                self._is_closed = True
                return
        from migrator.telemetry.spans import RunSpans

        self._spans = RunSpans(self._providers.tracer, self._subject, began=self._began, environ=self._environ)


def _within(limit: float, works: list[Callable[[], object]]) -> bool:
    """Whether all of these ended in time; those that did not are left to the end of the process."""
    end = time.monotonic() + limit
    threads = [threading.Thread(target=work, name="migrator-telemetry", daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return not any(thread.is_alive() for thread in threads)


@contextmanager
def _warnings_of_the_library(heard: list[str]) -> Iterator[None]:
    """Collect what OpenTelemetry logs of its exporters' failures: one warning in our own words is enough of it."""
    logger, ear = logging.getLogger("opentelemetry"), _Ear(heard)
    transports, propagates, level = logging.getLogger("urllib3"), logger.propagate, logger.level
    transport_propagates = transports.propagate
    logger.addHandler(ear)
    transports.addHandler(_SILENT)
    logger.propagate = transports.propagate = False
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.removeHandler(ear)
        transports.removeHandler(_SILENT)
        logger.propagate, transports.propagate = propagates, transport_propagates
        logger.setLevel(level)


_SILENT: Final = logging.NullHandler()


class _Ear(logging.Handler):
    """Keeps the first line of each record, without its traceback."""

    def __init__(self, heard: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        self._heard.append(record.getMessage().partition("\n")[0])
