"""Logs without personal text, metrics and traces."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import sys
import traceback
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast
from uuid import UUID

import structlog
from opentelemetry import metrics, trace
from opentelemetry.sdk.trace import TracerProvider
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Counter, Gauge, Histogram, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics

from runtime.settings import RuntimeSettings

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics import MeterProvider

HANDLED = Histogram(
    "parley_message_seconds",
    "Time to handle one message, in seconds.",
    ["durable", "type", "result"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
DEAD_LETTERS = Counter("parley_dead_letters_total", "Messages that were given up.", ["durable"])
PUBLISHED = Counter("parley_published_total", "Events that the broker acknowledged.", ["type"])
CONNECTED = Gauge("parley_broker_connected", "1 while connected to NATS.")
ASKED = Histogram(
    "parley_ask_seconds",
    "Time to answer one question of another service, in seconds; `result` is ok or an error code.",
    ["question", "result"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
BUILD = Gauge("parley_build_info", "1, with the version of the service that runs here.", ["service", "version"])
OPENMETRICS = "application/openmetrics-text"
FRAMES_LOGGED = 8
REQUEST_HEADER = "Parley-Request"
"""Carries the id of the client's request from service to service."""
_request: ContextVar[str] = ContextVar("request", default="")


def observe(measure: Histogram, seconds: float) -> None:
    """Measure how long somebody waited, with the trace as an exemplar where it is sampled: a slow bucket then leads to
    what took so long."""
    context = trace.get_current_span().get_span_context()
    sampled = context.is_valid and context.trace_flags.sampled
    measure.observe(seconds, {"trace_id": _shown(context)} if sampled else None)


def exposition(accept: str) -> tuple[bytes, str]:
    """All metrics and their content type, in OpenMetrics for a scraper whose `Accept` names it: only that format has
    exemplars. Names and values are the same in both."""
    named = {each.partition(";")[0].strip().lower() for each in accept.split(",")}
    if OPENMETRICS in named:
        written: bytes = openmetrics.generate_latest(REGISTRY)  # type: ignore[no-untyped-call]
        return written, openmetrics.CONTENT_TYPE_LATEST
    return generate_latest(), CONTENT_TYPE_LATEST


def session_tag(session_id: UUID | str) -> str:
    """A short hash to follow a session in logs. The id itself is the key of an anonymous session."""
    return hashlib.sha256(str(session_id).encode()).hexdigest()[:10]


def bind_request(request_id: str) -> None:
    """Note the client's request that this task works for: it stands in every log line and goes along with messages."""
    _request.set(request_id)


def current_request() -> str:
    """The id of the client's request that this task works for; empty when there is none."""
    return _request.get()


def request_headers() -> dict[str, str]:
    """Headers that take the request's id to the next service."""
    return {REQUEST_HEADER: current_request()} if current_request() else {}


def failure(error: BaseException) -> dict[str, str]:
    """What may be logged about an error: its type and where it arose, innermost frame first.

    Never its text or its locals, which may quote what somebody said. `cause` is the type of the error behind it.
    """
    frames = traceback.extract_tb(error.__traceback__)
    # Two parts of the path tell which file it is, and nothing about the machine.
    places = ["/".join(Path(frame.filename).parts[-2:]) + f":{frame.lineno}:{frame.name}" for frame in frames]
    shown = {"error": type(error).__name__, "at": " < ".join(reversed(places[-FRAMES_LOGGED:]))}
    behind = error.__cause__ or error.__context__
    return shown | ({"cause": type(behind).__name__} if behind else {})


class Lossy:
    """Writes to a stream and loses what cannot be written, as on a full disk: nothing that works may end, and nothing
    that heals may stop, because a line about it was not logged."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        """Write, or lose it."""
        with contextlib.suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        """Hand on what was written, or keep it for the next time."""
        with contextlib.suppress(OSError):
            self._stream.flush()


def configure_logging(service: str, settings: RuntimeSettings) -> None:
    """Send structlog and the standard library's logging to standard output, one line an event."""
    as_json = (settings.log_format or ("json" if settings.env == "production" else "console")) == "json"
    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso" if as_json else "%H:%M:%S", utc=as_json),
            _with_request,
            _with_trace,
            structlog.processors.JSONRenderer() if as_json else _readable,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, Lossy(sys.stdout))),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    others = "%(levelname)s %(name)s %(message)s"
    logging.basicConfig(level=max(level, logging.WARNING), stream=sys.stdout, format=others)


def _with_request(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    if current_request():
        event.setdefault("request", current_request())
    return event


def _with_trace(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace"] = _shown(context)
    return event


def _shown(context: trace.SpanContext) -> str:
    """The trace's id as traces, logs and exemplars have it."""
    return f"{context.trace_id:032x}"


def _readable(_: Any, __: str, event: structlog.typing.EventDict) -> str:
    time, service = event.pop("timestamp"), event.pop("service", "")
    level, text = event.pop("level"), event.pop("event")
    mark = "" if level in {"info", "debug"} else f"{level.upper()} "
    details = " ".join(f"{key}={value}" for key, value in event.items())
    return f"{time} {service:<11} {mark}{text}{'  ' if details else ''}{details}"


def configure_tracing(service: str, settings: RuntimeSettings) -> TracerProvider | None:
    """A provider that exports sampled traces over OTLP, or None when no endpoint is configured."""
    if not settings.otel_exporter_otlp_endpoint:
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

    provider = TracerProvider(
        resource=Resource.create({"service.name": f"parley-{service}"}),
        sampler=ParentBased(TraceIdRatioBased(settings.trace_sample_ratio)),
    )
    endpoint = settings.otel_exporter_otlp_endpoint.rstrip("/") + "/v1/traces"
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint), schedule_delay_millis=1000))
    trace.set_tracer_provider(provider)
    return provider


def configure_metrics(service: str, settings: RuntimeSettings) -> MeterProvider | None:
    """A provider that sends measurements over OTLP each minute, or None where nobody wants them."""
    if not settings.otel_exporter_otlp_metrics_endpoint:
        return None
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.sdk.resources import Resource

    reader = PeriodicExportingMetricReader(OTLPMetricExporter(endpoint=settings.otel_exporter_otlp_metrics_endpoint))
    provider = MeterProvider([reader], resource=Resource.create({"service.name": f"parley-{service}"}))
    metrics.set_meter_provider(provider)
    return provider
