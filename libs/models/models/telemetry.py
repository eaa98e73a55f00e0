"""What is seen of each request to a model: a span and measurements by OpenTelemetry's conventions, and counters for
Prometheus. Never a word of what was asked or answered."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, get_args

from opentelemetry import metrics, trace
from opentelemetry.trace import SpanKind, Status, StatusCode
from prometheus_client import Counter, Gauge, Histogram

from models.errors import Kind
from models.usage import Prices, priced

Operation = Literal["chat", "text_completion", "embeddings"]
Outcome = Literal["ok", "no_place", "recalled", "abandoned", "caller"] | Kind
"""`no_place`: none was free in time, and nothing was sent; `recalled`: it was ended for a more urgent one; `abandoned`:
nobody wanted the answer any more; `caller`: whoever read the answer failed at it."""
OUTCOMES: tuple[str, ...] = tuple(value for each in get_args(Outcome) for value in get_args(each))
PROTOCOL = "openai"
"""The provider, as far as a client can tell: whose protocol is spoken. `server.address` says who answers."""

OPERATION = "gen_ai.operation.name"
PROVIDER = "gen_ai.provider.name"
REQUEST_MODEL = "gen_ai.request.model"
REQUEST_STREAM = "gen_ai.request.stream"
REQUEST_TEMPERATURE = "gen_ai.request.temperature"
REQUEST_MAX_TOKENS = "gen_ai.request.max_tokens"
OUTPUT_TYPE = "gen_ai.output.type"
RESPONSE_MODEL = "gen_ai.response.model"
FINISH_REASONS = "gen_ai.response.finish_reasons"
FIRST_CHUNK = "gen_ai.response.time_to_first_chunk"
INPUT_TOKENS = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
TOKEN_TYPE = "gen_ai.token.type"
ERROR_TYPE = "error.type"
SERVER_ADDRESS = "server.address"
SERVER_PORT = "server.port"
ROLE = "parley.model.role"
DURATION = "gen_ai.client.operation.duration"
TOKEN_USAGE = "gen_ai.client.token.usage"
TIME_TO_FIRST_CHUNK = "gen_ai.client.operation.time_to_first_chunk"

_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64)
_OF_ONE = ["role", "endpoint", "model"]
CALLS = Counter(
    "parley_model_calls_total",
    "Requests to a model's endpoint, by how they ended: ok or what went wrong.",
    [*_OF_ONE, "outcome"],
)
TOKENS = Counter("parley_model_tokens_total", "Tokens as endpoints told them.", [*_OF_ONE, "direction"])
DOLLARS = Counter("parley_model_dollars_total", "US dollars, for models whose price is configured.", _OF_ONE)
SECONDS = Histogram("parley_model_seconds", "From request to end, in seconds.", _OF_ONE, buckets=_BUCKETS)
FIRST_TOKEN = Histogram(
    "parley_model_first_token_seconds", "From request to first token, in seconds.", _OF_ONE, buckets=_BUCKETS
)
WAITING = Histogram(
    "parley_model_waiting_seconds",
    "Waiting for a place at an endpoint that works on few calls at once, in seconds.",
    ["role", "endpoint"],
    buckets=(0.01, *_BUCKETS),
)
IN_USE = Gauge("parley_model_slots_in_use", "Calls of this process that an endpoint works on.", ["endpoint"])

Attributes = dict[str, str | int]
_NAME = re.compile(r"[\w.:/@+-]{1,100}", re.ASCII)
"""What an endpoint may call a model or the end of an answer: no text, whatever it sends."""
_tracer = trace.get_tracer("parley.models")
_meter = metrics.get_meter("parley.models")
_duration = _meter.create_histogram(DURATION, unit="s", description="GenAI operation duration.")
_tokens = _meter.create_histogram(TOKEN_USAGE, unit="{token}", description="Number of input and output tokens used.")
_first_chunk = _meter.create_histogram(TIME_TO_FIRST_CHUNK, unit="s", description="Time to receive the first chunk.")


@dataclass(frozen=True)
class Asked:
    """Who is asked, by which role. `endpoint` is our name for it, `host` and `port` are its address."""

    role: str
    endpoint: str
    model: str
    host: str
    port: int
    prices: Prices = field(default_factory=dict)

    def announce(self) -> None:
        """Have its counters there from the beginning, at 0."""
        for outcome in OUTCOMES:
            CALLS.labels(*self._labels, outcome)
        for direction in ("input", "output"):
            TOKENS.labels(*self._labels, direction)
        if self.model in self.prices:
            DOLLARS.labels(*self._labels)
        SECONDS.labels(*self._labels)
        FIRST_TOKEN.labels(*self._labels)

    def count(self, outcome: Outcome) -> None:
        """One more request that ended so, or was not sent."""
        CALLS.labels(*self._labels, outcome).inc()

    @property
    def _labels(self) -> tuple[str, str, str]:
        return self.role, self.endpoint, self.model

    @contextmanager
    def observed(self, operation: Operation, request: Mapping[str, object]) -> Iterator[Observation]:
        """See one request. `request` holds parameters by the names of the protocol; what it says to the model is not
        looked at. It counts as `ok` unless told or raised otherwise."""
        attributes: Attributes = {
            OPERATION: operation,
            PROVIDER: PROTOCOL,
            REQUEST_MODEL: self.model,
            SERVER_ADDRESS: self.host,
            SERVER_PORT: self.port,
        }
        own = {ROLE: self.role, **attributes, **_parameters(operation, request)}
        with _tracer.start_as_current_span(
            f"{operation} {self.model}",
            kind=SpanKind.CLIENT,
            attributes=own,  # type: ignore[arg-type]
            record_exception=False,  # its text may quote what was said
            set_status_on_exception=False,
        ) as span:
            seen = Observation()
            try:
                yield seen
            except BaseException as error:
                if seen.outcome == "ok":
                    seen.outcome = "abandoned" if isinstance(error, asyncio.CancelledError) else "caller"
                raise
            finally:
                self._note(span, seen, attributes)

    def _note(self, span: trace.Span, seen: Observation, attributes: Attributes) -> None:
        took = time.perf_counter() - seen.began
        self.count(seen.outcome)
        SECONDS.labels(*self._labels).observe(took)
        failed: Attributes = {} if seen.outcome == "ok" else {ERROR_TYPE: seen.outcome}
        answered: Attributes = {RESPONSE_MODEL: seen.model} if _NAME.fullmatch(seen.model) else {}
        _duration.record(took, attributes | answered | failed)
        span.set_attributes({**answered, **failed})
        if failed:
            span.set_status(Status(StatusCode.ERROR, seen.outcome))
        if _NAME.fullmatch(seen.finish):
            span.set_attribute(FINISH_REASONS, (seen.finish,))
        if seen.first_token is not None:
            FIRST_TOKEN.labels(*self._labels).observe(seen.first_token)
            _first_chunk.record(seen.first_token, attributes | answered)
            span.set_attribute(FIRST_CHUNK, seen.first_token)
        if seen.tokens:
            self._note_tokens(span, seen.tokens, attributes | answered)

    def _note_tokens(self, span: trace.Span, tokens: tuple[int, int], attributes: Attributes) -> None:
        span.set_attributes({INPUT_TOKENS: tokens[0], OUTPUT_TOKENS: tokens[1]})
        for direction, count in zip(("input", "output"), tokens, strict=True):
            TOKENS.labels(*self._labels, direction).inc(max(0, count))
            _tokens.record(count, attributes | {TOKEN_TYPE: direction})
        cost = priced(tokens, self.model, self.prices).cost_usd
        if cost:
            DOLLARS.labels(*self._labels).inc(cost)


@dataclass
class Observation:
    """What is known of one request. Seconds run from its beginning."""

    outcome: Outcome = "ok"
    model: str = ""
    finish: str = ""
    tokens: tuple[int, int] | None = None
    first_token: float | None = None
    began: float = field(default_factory=time.perf_counter)

    def spoke(self) -> None:
        """A token came."""
        if self.first_token is None:
            self.first_token = time.perf_counter() - self.began


def _parameters(operation: Operation, request: Mapping[str, object]) -> dict[str, object]:
    given = {
        REQUEST_STREAM: request.get("stream"),
        REQUEST_TEMPERATURE: request.get("temperature"),
        REQUEST_MAX_TOKENS: request.get("max_tokens", request.get("max_completion_tokens")),
        OUTPUT_TYPE: None if operation == "embeddings" else "json" if "response_format" in request else "text",
    }
    return {name: value for name, value in given.items() if value is not None}


def announce_waiting(roles: Sequence[str], endpoint: str) -> None:
    """Have what tells of waiting there from the beginning."""
    IN_USE.labels(endpoint)
    for role in roles:
        WAITING.labels(role, endpoint)
