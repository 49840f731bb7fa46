"""OpenTelemetry through the command line, sent to a real receiver of OTLP over HTTP."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from projects import TinyProject

from migrator.profiles.model import Profile


class Receiver:
    """What has arrived."""

    def __init__(self) -> None:
        self.traces: list[Any] = []
        self.metrics: list[Any] = []
        self.endpoint = ""

    @property
    def spans(self) -> dict[str, Any]:
        """Spans of all requests: the run's, and each revision's by its id."""
        found = {}
        for request in self.traces:
            for resource in request.resource_spans:
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        found[attributes(span.attributes).get("migrator.revision.id", "run")] = span
        return found

    @property
    def measured(self) -> dict[str, Any]:
        """Metrics of all requests, by name."""
        return {
            metric.name: metric
            for request in self.metrics
            for resource in request.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }


def attributes(pairs: Any) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}


@contextmanager
def receiving(pause: threading.Event | None = None) -> Iterator[Receiver]:
    """Listen on a free port; with ``pause`` nobody gets an answer before it is set."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                import gzip

                body = gzip.decompress(body)
            if pause is not None:
                pause.wait(60)
            if self.path == "/v1/traces":
                receiver.traces.append(ExportTraceServiceRequest.FromString(body))
            elif self.path == "/v1/metrics":
                receiver.metrics.append(ExportMetricsServiceRequest.FromString(body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield receiver
    finally:
        if pause is not None:
            pause.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def traced(project: TinyProject, local_database: Profile) -> TinyProject:
    """Two pending revisions."""
    project.use(local_database)
    project.revision("r1")
    project.revision("r2")
    return project


def test_a_run_arrives_as_a_trace_and_as_metrics(traced: TinyProject, local_database: Profile) -> None:
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with receiving() as receiver:
        env = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint, "TRACEPARENT": parent}
        done = traced.run("upgrade", env={**env, "MIGRATOR_BEFORE_REVISION": "printenv TRACEPARENT"})
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    spans = receiver.spans
    assert set(spans) == {"run", "r1", "r2"}
    run = attributes(spans["run"].attributes)
    assert spans["run"].trace_id.hex() == "0af7651916cd43dd8448eb211c80319c"
    assert spans["run"].parent_span_id.hex() == "b7ad6b7169203331"
    assert (run["db.system.name"], run["db.namespace"]) == ("postgresql", local_database.database)
    assert (run["server.address"], run["migrator.outcome"]) == (local_database.host, "done")
    assert spans["r2"].parent_span_id == spans["run"].span_id
    assert spans["r1"].end_time_unix_nano <= spans["r2"].start_time_unix_nano
    assert f"before_revision: 00-0af7651916cd43dd8448eb211c80319c-{spans['run'].span_id.hex()}-01" in done.stderr
    resource = attributes(receiver.traces[0].resource_spans[0].resource.attributes)
    assert resource["service.name"] == "migrator"
    assert set(receiver.measured) == {
        "migrator.run.duration",
        "migrator.lock.wait.duration",
        "migrator.revisions.applied",
        "migrator.attempts",
    }
    assert receiver.measured["migrator.revisions.applied"].sum.data_points[0].as_int == 2


def test_a_failed_run_arrives_with_its_error(traced: TinyProject) -> None:
    traced.revision("r3", 'op.execute("SELECT * FROM nowhere")', "pass")
    with receiving() as receiver:
        env = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint, "OTEL_SERVICE_NAME": "orders"}
        assert traced.run("upgrade", env=env).returncode == 8
    spans = receiver.spans
    assert (spans["run"].status.code, spans["r3"].status.code, spans["r2"].status.code) == (2, 2, 0)
    assert attributes(spans["run"].attributes)["process.exit.code"] == 8
    resource = attributes(receiver.traces[0].resource_spans[0].resource.attributes)
    assert resource["service.name"] == "orders"


def test_a_database_that_cannot_be_reached_arrives_too(traced: TinyProject) -> None:
    with receiving() as receiver:
        env = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint, "DB_HOST": "127.0.0.1", "DB_PORT": "1"}
        assert traced.run("upgrade", env=env).returncode == 10
    assert attributes(receiver.spans["run"].attributes)["migrator.outcome"] == "unreachable"


def test_with_nothing_to_do_nothing_is_sent(traced: TinyProject) -> None:
    assert traced.run("upgrade").returncode == 0
    with receiving() as receiver:
        assert traced.run("upgrade", env={"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint}).returncode == 0
    assert (receiver.traces, receiver.metrics) == ([], [])


def test_what_is_disabled_sends_nothing(traced: TinyProject) -> None:
    with receiving() as receiver:
        env = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint, "OTEL_SDK_DISABLED": "true"}
        assert traced.run("upgrade", env=env).returncode == 0
    assert (receiver.traces, receiver.metrics) == ([], [])


def test_only_traces_where_only_they_are_asked_for(traced: TinyProject) -> None:
    with receiving() as receiver:
        env = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint, "OTEL_METRICS_EXPORTER": "none"}
        assert traced.run("upgrade", env=env).returncode == 0
    assert len(receiver.spans) == 3
    assert receiver.metrics == []


def test_a_receiver_that_is_down_is_a_warning(traced: TinyProject) -> None:
    began = time.monotonic()
    done = traced.run("upgrade", env={"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"})
    assert time.monotonic() - began < 20
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("Warning: OpenTelemetry failed: ") == 1
    assert "Traceback" not in done.stderr
    assert "Upgraded base -> r2" in done.stdout


def test_a_receiver_that_never_answers_is_not_waited_for(traced: TinyProject) -> None:
    with receiving(threading.Event()) as receiver:
        began = time.monotonic()
        done = traced.run("upgrade", env={"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint})
        assert time.monotonic() - began < 20
    assert done.returncode == 0, done.stderr
    assert "Warning: OpenTelemetry failed: not sent within 3.0 s" in done.stderr


def test_an_exporter_that_is_not_installed_is_passed_over(traced: TinyProject) -> None:
    done = traced.run("upgrade", env={"OTEL_TRACES_EXPORTER": "no-such-exporter"})
    assert done.returncode == 0, done.stderr
    assert "OpenTelemetry" not in done.stderr


def test_the_console_exporter_keeps_stdout_for_the_result(traced: TinyProject) -> None:
    env = {"OTEL_TRACES_EXPORTER": "console", "OTEL_METRICS_EXPORTER": "console"}
    done = traced.run("upgrade", "--format", "json", env=env)
    assert done.json["outcome"] == "done"
    assert '"migrator.revision.id": "r1"' in done.stderr
    assert '"migrator.run.duration"' in done.stderr
