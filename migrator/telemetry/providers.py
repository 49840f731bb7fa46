"""Tracer and meter of OpenTelemetry, made as the standard environment says. Imports the SDK."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import entry_points
from typing import Any

from opentelemetry import metrics, trace
from opentelemetry.metrics import Meter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Tracer

import migrator
from migrator.telemetry.exporting import Signals
from migrator.telemetry.figures import Figures
from migrator.telemetry.measurements import measure
from migrator.telemetry.subject import Ending, Subject

_SCOPE = "migrator"


@dataclass(frozen=True)
class Providers:
    """What a run is told through."""

    tracer: Tracer
    meter: Meter
    closers: tuple[Callable[[], object], ...]
    """Send what is left; providers that the process had already are flushed and left open."""

    def closing(self, figures: Figures, ending: Ending, subject: Subject) -> list[Callable[[], object]]:
        """Measure the run, and give the calls that send everything."""
        measure(self.meter, figures, ending, subject)
        return list(self.closers)


def open_providers(signals: Signals, environ: Mapping[str, str]) -> Providers:
    """Use the providers of the process where it has some (``opentelemetry-instrument``), else make them.

    Raises:
        ImportError: the exporter that was asked for is not installed.

    """
    own_tracing: object = trace.get_tracer_provider()
    if isinstance(own_tracing, TracerProvider):
        meters: Any = metrics.get_meter_provider()
        flushes = tuple(each.force_flush for each in (own_tracing, meters) if hasattr(each, "force_flush"))
        return Providers(
            tracer=own_tracing.get_tracer(_SCOPE, migrator.__version__),
            meter=meters.get_meter(_SCOPE, migrator.__version__),
            closers=flushes,
        )
    resource = _resource(environ)
    tracing = TracerProvider(resource=resource, shutdown_on_exit=False)
    if signals.traces:
        tracing.add_span_processor(BatchSpanProcessor(_exporter("traces", signals.traces, environ)()))
    readers: list[MetricReader] = []
    if signals.metrics:
        exporter = _exporter("metrics", signals.metrics, environ)()
        readers.append(PeriodicExportingMetricReader(exporter, export_interval_millis=float("inf")))
    metering = MeterProvider(metric_readers=readers, resource=resource, shutdown_on_exit=False)
    return Providers(
        tracer=tracing.get_tracer(_SCOPE, migrator.__version__),
        meter=metering.get_meter(_SCOPE, migrator.__version__),
        closers=(tracing.shutdown, partial(_send, metering)),
    )


def _send(metering: MeterProvider) -> None:
    """A reader without an interval sends when it is told to."""
    metering.force_flush()
    metering.shutdown()


def _resource(environ: Mapping[str, str]) -> Resource:
    named = environ.get("OTEL_SERVICE_NAME") or "service.name=" in environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    return Resource.create({} if named else {"service.name": _SCOPE, "service.version": migrator.__version__})


def _exporter(signal: str, name: str, environ: Mapping[str, str]) -> Callable[[], Any]:
    """The class of an exporter, by the name under which its package offers it."""
    if name == "otlp":
        variables = (f"OTEL_EXPORTER_OTLP_{signal.upper()}_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
        protocol = next((environ[each] for each in variables if environ.get(each)), "http/protobuf")
        name = "otlp_proto_grpc" if protocol == "grpc" else "otlp_proto_http"
    for offered in entry_points(group=f"opentelemetry_{signal}_exporter", name=name):
        made: Callable[..., Any] = offered.load()
        return partial(made, out=sys.stderr) if name == "console" else made  # stdout is for results
    raise ImportError(f"no exporter named {name} is installed")
