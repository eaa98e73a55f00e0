"""Measurements by the conventions of OpenTelemetry leave the process, if somebody wants them."""

from __future__ import annotations

import asyncio

from aiohttp import web
from opentelemetry import metrics
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from runtime.settings import RuntimeSettings
from runtime.telemetry import configure_metrics


def test_nobody_is_sent_any_unless_asked_for() -> None:
    assert configure_metrics("coach", RuntimeSettings()) is None


async def test_they_are_sent_where_the_setting_says() -> None:
    came: list[ExportMetricsServiceRequest] = []

    async def collect(request: web.Request) -> web.Response:
        body = await request.read()
        came.append(ExportMetricsServiceRequest.FromString(body))
        return web.Response()

    app = web.Application()
    app.router.add_post("/v1/metrics", collect)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1/metrics"
    provider = configure_metrics("coach", RuntimeSettings(otel_exporter_otlp_metrics_endpoint=url))
    assert provider is not None
    metrics.get_meter("test").create_counter("answers").add(3)
    await asyncio.to_thread(provider.shutdown)
    await runner.cleanup()
    [sent] = [each for each in came if each.resource_metrics]
    [resource] = sent.resource_metrics
    assert "parley-coach" in {each.value.string_value for each in resource.resource.attributes}
    assert [each.name for each in resource.scope_metrics[0].metrics] == ["answers"]
