"""Calls an ASGI application without a server."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # tests are imported by path, their helpers by name


@dataclass(frozen=True)
class Answered:
    """What an application sent."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Call = Callable[..., Awaitable[Answered]]


@pytest.fixture
def call() -> Call:
    """`await call(app, method, path, body or its pieces, headers)`; an error that was answered is not raised."""

    async def called(
        app: Any,
        method: str = "GET",
        path: str = "/",
        body: bytes | Sequence[bytes] = b"",
        headers: Mapping[str, str] | None = None,
        client: str = "192.0.2.1",
    ) -> Answered:
        pieces = [body] if isinstance(body, bytes) else list(body)
        sent: list[Any] = []

        whole = False

        async def receive() -> Any:
            nonlocal whole
            if whole:  # the client waits for its answer
                await asyncio.Event().wait()
            piece = pieces.pop(0) if pieces else b""
            whole = not pieces
            return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "scheme": "http",
            "server": ("test", 80),
            "client": (client, 1),
            "method": method,
            "path": path.partition("?")[0],
            "raw_path": path.partition("?")[0].encode(),
            "root_path": "",
            "query_string": path.partition("?")[2].encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
            "state": {},
        }
        try:
            await app(scope, receive, send)
        except Exception:
            if not sent:
                raise
        starts = [message for message in sent if message["type"] == "http.response.start"]
        assert len(starts) == 1, "one answer, and only one"
        received = {name.decode(): value.decode() for name, value in starts[0]["headers"]}
        return Answered(starts[0]["status"], received, b"".join(message.get("body", b"") for message in sent))

    return called
