"""What takes long leads to its trace, for a scraper that asks for it; nothing else changes with the format."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON
from prometheus_client import REGISTRY, Histogram
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families
from runtime.health import Monitor, health_app, probes
from runtime.telemetry import DEAD_LETTERS, exposition, observe

PROMETHEUS = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"


@pytest.fixture
def waited() -> Iterator[Histogram]:
    """A measure of our own, that is gone afterwards."""
    made = Histogram("parley_test_waited_seconds", "For a test.", ["result"], buckets=(1, 10))
    yield made
    REGISTRY.unregister(made)


def exemplars() -> dict[str, dict[str, str]]:
    """Labels of the exemplars of that measure, by the bucket's upper end."""
    families = openmetrics.text_string_to_metric_families(exposition(PROMETHEUS)[0].decode())
    [family] = [each for each in families if each.name == "parley_test_waited_seconds"]
    return {each.labels["le"]: each.exemplar.labels for each in family.samples if each.exemplar}


def test_a_sampled_trace_is_the_exemplar_of_its_bucket(waited: Histogram) -> None:
    tracer = TracerProvider(sampler=ALWAYS_ON).get_tracer("test")
    with tracer.start_as_current_span("a turn") as span:
        observe(waited.labels("ok"), 3.0)
    assert exemplars() == {"10.0": {"trace_id": f"{span.get_span_context().trace_id:032x}"}}


def test_nobody_is_led_to_a_trace_that_was_not_kept(waited: Histogram) -> None:
    observe(waited.labels("ok"), 0.5)
    with TracerProvider(sampler=ALWAYS_OFF).get_tracer("test").start_as_current_span("a turn"):
        observe(waited.labels("ok"), 3.0)
    assert exemplars() == {}
    assert REGISTRY.get_sample_value("parley_test_waited_seconds_count", {"result": "ok"}) == 2


def test_names_labels_and_values_are_the_same_in_both_formats(waited: Histogram) -> None:
    DEAD_LETTERS.labels("test").inc()
    waited.labels("ok").observe(3.0)
    plain = text_string_to_metric_families(exposition("")[0].decode())
    other = openmetrics.text_string_to_metric_families(exposition(PROMETHEUS)[0].decode())
    told, again = ({(each.name, *sorted(each.labels.items())) for one in read for each in one.samples}
                   for read in (plain, other))  # fmt: skip
    assert told == again
    assert ("parley_dead_letters_total", ("durable", "test")) in told


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (PROMETHEUS, "application/openmetrics-text"),
        ("Application/OpenMetrics-Text; version=?", "application/openmetrics-text"),
        ("text/plain", "text/plain"),
        ("*/*", "text/plain"),
        ("", "text/plain"),
        (";,\xff=", "text/plain"),
    ],
)
async def test_the_format_is_the_one_that_is_asked_for(accept: str, kind: str) -> None:
    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    headers = [(b"accept", accept.encode("latin-1"))]
    await health_app(probes("x", Monitor({})))({"type": "http", "path": "/metrics", "headers": headers}, None, send)
    start, body = sent
    assert start["status"] == 200
    told = dict(start["headers"])  # type: ignore[call-overload]
    assert told[b"content-type"].decode().partition(";")[0] == kind
    assert str(body["body"]).rstrip("'").endswith(r"# EOF\n") == (kind != "text/plain")
