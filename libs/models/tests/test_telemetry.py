"""What is seen of a request from outside: spans and measurements by the conventions, counters, and nobody's words."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from devkit.fake_openai import Hang, OpenAIServer, Reply, Status
from models import ModelRefused, NoModel, Rejected, telemetry
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes
from opentelemetry.semconv._incubating.metrics import gen_ai_metrics
from opentelemetry.semconv.attributes import error_attributes, server_attributes
from prometheus_client import REGISTRY
from pydantic import BaseModel

SAID = "My grandmother Ottilie fell ill in Kassel"
ASK = [{"role": "system", "content": "Decide."}, {"role": "user", "content": SAID}]
PRICES = {"gpt-4o": (2.5, 10.0)}
NAMED = {"role": "interviewer", "endpoint": "main", "model": "gpt-4o"}


class Move(BaseModel):
    text: str


class Watching:
    """Raises at the first that it sees."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def restart(self) -> None:
        pass

    async def partial(self, fields: dict[str, Any]) -> None:
        raise self._error


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "_tracer", provider.get_tracer("test"))
    yield exporter
    provider.shutdown()


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemoryMetricReader]:
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader])
    meter = provider.get_meter("test")
    for name in ("_duration", "_tokens", "_first_chunk"):
        monkeypatch.setattr(telemetry, name, meter.create_histogram(getattr(telemetry, name)._name))
    yield reader
    provider.shutdown()


def counted(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, NAMED | labels)


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def test_the_names_are_those_of_the_conventions() -> None:
    ours = {value for name, value in vars(telemetry).items() if name.isupper() and isinstance(value, str)}
    theirs = {
        value
        for module in (gen_ai_attributes, gen_ai_metrics, error_attributes, server_attributes)
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str)
    }
    assert ours - theirs == {telemetry.ROLE, telemetry.PROTOCOL}
    assert telemetry.PROTOCOL in {each.value for each in gen_ai_attributes.GenAiProviderNameValues}


async def test_a_call_is_a_span_of_its_own(
    server: OpenAIServer, make_models: Any, spans: InMemorySpanExporter, measured: InMemoryMetricReader
) -> None:
    server.default = Reply('{"text": "Why?"}', usage=(1000, 200), first_delay=0.02)
    chain = make_models(server, model_prices=PRICES).chain("interviewer")
    await chain.structured(ASK, Move, budget=5, temperature=0.3, max_tokens=99)
    [span] = spans.get_finished_spans()
    seen = attributes(span)
    assert span.name == "chat gpt-4o" and span.kind.name == "CLIENT" and span.status.status_code.name == "UNSET"
    first = seen.pop("gen_ai.response.time_to_first_chunk")
    assert 0.02 <= first < 5
    assert seen == {
        "parley.model.role": "interviewer",
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.request.stream": True,
        "gen_ai.request.temperature": 0.3,
        "gen_ai.request.max_tokens": 99,
        "gen_ai.output.type": "json",
        "gen_ai.response.model": "gpt-4o",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.usage.input_tokens": 1000,
        "gen_ai.usage.output_tokens": 200,
        "server.address": "127.0.0.1",
        "server.port": int(server.url.split(":")[2].removesuffix("/v1")),
    }
    data = measured.get_metrics_data()
    assert data is not None
    found = {each.name: each.data.data_points for each in data.resource_metrics[0].scope_metrics[0].metrics}
    sums = {p.attributes["gen_ai.token.type"]: p.sum for p in found["gen_ai.client.token.usage"]}  # type: ignore
    assert sums == {"input": 1000, "output": 200}
    assert [point.count for point in found["gen_ai.client.operation.duration"]] == [1]  # type: ignore[union-attr]
    assert [p.sum for p in found["gen_ai.client.operation.time_to_first_chunk"]] == [first]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("behaviour", "raised", "outcome"),
    [
        (Status(401), NoModel, "unauthorized"),
        (Reply(refusal="No."), ModelRefused, "refused"),
        (Reply(f'{{"said": "{SAID}"}}'), NoModel, "malformed"),
        (Status(400, body={"error": {"message": f"too bad: {SAID}"}}), NoModel, "bad_request"),
        (Reply(SAID, cut_after=1), NoModel, "cut_off"),
    ],
)
async def test_what_went_wrong_is_told_and_nothing_that_was_said(
    server: OpenAIServer,
    make_models: Any,
    spans: InMemorySpanExporter,
    behaviour: Any,
    raised: type[Exception],
    outcome: str,
) -> None:
    server.default = behaviour
    chain = make_models(server).chain("interviewer")
    before = counted("parley_model_calls_total", outcome=outcome)
    with pytest.raises(raised):
        await chain.structured(ASK, Move, budget=2)
    kept = spans.get_finished_spans()
    assert {attributes(each).get("error.type") for each in kept} == {outcome}
    assert counted("parley_model_calls_total", outcome=outcome) == (before or 0) + len(kept)
    assert {span.status.status_code.name for span in kept} == {"ERROR"}
    told = "".join(span.to_json() for span in kept)
    assert not any(word in told for word in ("Ottilie", "Kassel", "grandmother", "Decide"))


async def test_a_watch_that_objects_and_one_that_breaks_leave_no_words(
    server: OpenAIServer, make_models: Any, spans: InMemorySpanExporter
) -> None:
    server.default = Reply(f'{{"text": "{SAID}"}}')
    chain = make_models(server).chain("interviewer")
    for error, raised in ((Rejected(f"do not say {SAID}"), NoModel), (RuntimeError(SAID), RuntimeError)):
        with pytest.raises(raised):
            await chain.structured(ASK, Move, budget=2, watch=Watching(error))
    kept = spans.get_finished_spans()
    assert [attributes(each)["error.type"] for each in kept] == ["malformed", "malformed", "caller"]
    assert not any("Ottilie" in span.to_json() or span.events for span in kept)


async def test_who_gives_up_is_seen_to(server: OpenAIServer, make_models: Any, spans: InMemorySpanExporter) -> None:
    server.default = Hang()
    call = asyncio.create_task(make_models(server).chain("interviewer").text(ASK, budget=5))
    await asyncio.sleep(0.2)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    assert [attributes(each)["error.type"] for each in spans.get_finished_spans()] == ["abandoned"]
    await asyncio.wait_for(server.received[0].left.wait(), 2)


async def test_counters_are_there_before_anything_happened(server: OpenAIServer, make_models: Any) -> None:
    make_models(server, interviewer_model="quite-new", model_prices={"quite-new": (1.0, 1.0)})
    named = NAMED | {"model": "quite-new"}
    for outcome in telemetry.OUTCOMES:
        assert REGISTRY.get_sample_value("parley_model_calls_total", named | {"outcome": outcome}) == 0
    for direction in ("input", "output"):
        assert REGISTRY.get_sample_value("parley_model_tokens_total", named | {"direction": direction}) == 0
    assert REGISTRY.get_sample_value("parley_model_dollars_total", named) == 0
    assert REGISTRY.get_sample_value("parley_model_seconds_count", named) == 0
    waiting = {"role": "interviewer", "endpoint": "main"}
    assert REGISTRY.get_sample_value("parley_model_waiting_seconds_count", waiting) is not None
    assert REGISTRY.get_sample_value("parley_model_slots_in_use", {"endpoint": "main"}) == 0


async def test_tokens_dollars_and_waiting_are_counted(server: OpenAIServer, make_models: Any) -> None:
    server.default = Reply("Hi.", usage=(1_000_000, 100_000), first_delay=0.05)
    chain = make_models(server, model_prices=PRICES).chain("interviewer")
    names = ("parley_model_dollars_total", "parley_model_tokens_total", "parley_model_first_token_seconds_count")
    labels = ({}, {"direction": "output"}, {})
    before = [counted(name, **each) or 0 for name, each in zip(names, labels, strict=True)]
    waited = {"role": "interviewer", "endpoint": "main"}
    waits = REGISTRY.get_sample_value("parley_model_waiting_seconds_sum", waited) or 0
    await asyncio.gather(*(chain.text(ASK, budget=5) for _ in range(2)))
    after = [counted(name, **each) or 0 for name, each in zip(names, labels, strict=True)]
    assert [round(b - a, 6) for a, b in zip(before, after, strict=True)] == [2 * 3.5, 200_000, 2]
    assert (REGISTRY.get_sample_value("parley_model_waiting_seconds_sum", waited) or 0) - waits >= 0.05


async def test_who_found_no_place_was_not_sent(server: OpenAIServer, make_models: Any) -> None:
    server.default = Reply("Hi.", first_delay=1.0)
    chain = make_models(server).chain("interviewer")
    before = counted("parley_model_calls_total", outcome="no_place") or 0
    first = asyncio.create_task(chain.text(ASK, budget=5))
    await asyncio.sleep(0.05)
    with pytest.raises(NoModel):
        await chain.text(ASK, budget=0.2)
    await first
    assert counted("parley_model_calls_total", outcome="no_place") == before + 1
    assert len(server.received) == 1
