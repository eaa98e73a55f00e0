"""Liveness and readiness, and a small ASGI application that tells them, with the metrics."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from contracts.topology import consumer
from faststream.nats import NatsBroker
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

Check = Callable[[], Awaitable[None]]
"""Raises when what it checks is not there."""
CHECK_TIMEOUT = 2.0


def broker_check(broker: NatsBroker) -> Check:
    """Connected, and the server answers."""

    async def check() -> None:
        connection = broker.config.connection_state.connection
        if not connection.is_connected:
            raise ConnectionError("not connected")
        await connection.flush(timeout=CHECK_TIMEOUT)

    return check


def durable_check(broker: NatsBroker, durable: str) -> Check:
    """The durable exists. A subscriber of one that was deleted would spin without a word."""

    async def check() -> None:
        await broker.config.connection_state.stream.consumer_info(consumer(durable).stream, durable)

    return check


async def readiness(checks: Mapping[str, Check]) -> dict[str, str]:
    """Each check's name with `ok`, or the name of the error that it ended in."""

    async def run(check: Check) -> str:
        try:
            await asyncio.wait_for(check(), CHECK_TIMEOUT)
        except Exception as error:
            return type(error).__name__
        return "ok"

    results = await asyncio.gather(*(run(check) for check in checks.values()))
    return dict(zip(checks, results, strict=True))


def health_app(service: str, checks: Mapping[str, Check]) -> Callable[..., Awaitable[None]]:
    """ASGI: `/health/live`, `/health/ready` (503 when a check fails) and `/metrics`."""

    async def respond(send: Any, status: int, body: bytes, content_type: str) -> None:
        headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        path = scope["path"].rstrip("/")
        if path == "/metrics":
            await respond(send, 200, generate_latest(), CONTENT_TYPE_LATEST)
        elif path == "/health/live":
            await respond(send, 200, json.dumps({"service": service}).encode(), "application/json")
        elif path == "/health/ready":
            results = await readiness(checks)
            status = 200 if all(result == "ok" for result in results.values()) else 503
            body = json.dumps({"service": service, "checks": results}).encode()
            await respond(send, status, body, "application/json")
        else:
            await respond(send, 404, b'{"detail":"Not found."}', "application/json")

    return app
