"""One trace leads from the HTTP request through every service; logs follow a session without naming it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web
from devkit.embedded import free_port
from devkit.stack import Stack
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

SERVICES = {"parley-gateway", "parley-session", "parley-interviewer", "parley-coach"}
FORGED = "1" * 32
WORDS = "I wrote the billing engine of a zoo in Erlang."


@asynccontextmanager
async def collector(port: int) -> AsyncIterator[list[tuple[str, Any]]]:
    """An OTLP endpoint; yields what arrives as (service, span)."""
    spans: list[tuple[str, Any]] = []

    async def take(request: web.Request) -> web.Response:
        message = ExportTraceServiceRequest.FromString(await request.read())
        for resource in message.resource_spans:
            names = {each.key: each.value.string_value for each in resource.resource.attributes}
            spans.extend((names["service.name"], span) for scope in resource.scope_spans for span in scope.spans)
        return web.Response()

    app = web.Application()
    app.router.add_post("/v1/traces", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield spans
    finally:
        await runner.cleanup()


async def test_one_trace_leads_through_every_service(tmp_path: Path, client: Any) -> None:
    port = free_port()
    env = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}", "TRACE_SAMPLE_RATIO": "1"}
    async with collector(port) as spans:
        with Stack(tmp_path / "parley", env) as stack:
            mine = type(client)(client.http, stack.url)
            session_id = await mine.begin()
            assert (await mine.say(WORDS)).status == 200
            forged = {"traceparent": f"00-{FORGED}-{'2' * 16}-01"}
            assert (
                await mine.get(f"/api/v1/sessions/{session_id}/messages?ticket={session_id}", **forged)
            ).status == 200
            await asyncio.sleep(2.5)
            log = stack.log.read_text()
        services, beginnings = defaultdict(set), defaultdict(set)
        for service, span in spans:
            services[span.trace_id].add(service)
            if not span.parent_span_id:
                beginnings[span.trace_id].add(span.name)
    assert {"HTTP POST"} in [beginnings[trace] for trace, each in services.items() if each == SERVICES]
    assert bytes.fromhex(FORGED) not in services, "a client chose what is traced"
    everything = " ".join(str(span) for _, span in spans) + log
    assert "zoo" not in everything, "words of the candidate left the transcript"
    assert session_id not in everything, "the key of an anonymous session is in a trace or in the log"
