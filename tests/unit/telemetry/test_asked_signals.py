"""When OpenTelemetry is asked for: what the specification's variables say, and nothing else."""

from __future__ import annotations

import pytest

from migrator.telemetry.exporting import Signals, asked_signals

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"OTEL_SERVICE_NAME": "app"}, None),
        (ENDPOINT, Signals("otlp", "otlp")),
        ({**ENDPOINT, "OTEL_SDK_DISABLED": "true"}, None),
        ({**ENDPOINT, "OTEL_SDK_DISABLED": "false"}, Signals("otlp", "otlp")),
        ({**ENDPOINT, "OTEL_METRICS_EXPORTER": "none"}, Signals("otlp", None)),
        ({**ENDPOINT, "OTEL_METRICS_EXPORTER": "none", "OTEL_TRACES_EXPORTER": "none"}, None),
        ({"OTEL_TRACES_EXPORTER": "console"}, Signals("console", None)),
        ({"OTEL_TRACES_EXPORTER": "otlp,console"}, Signals("otlp", None)),
        ({"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://collector:4318/v1/metrics"}, Signals(None, "otlp")),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, None),
    ],
)
def test_what_the_environment_asks_for(environ: dict[str, str], expected: Signals | None) -> None:
    assert asked_signals(environ) == expected
