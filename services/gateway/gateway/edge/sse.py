"""Server-sent events: the frames, and the answer that carries them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterable
from typing import Any

from fastapi.responses import StreamingResponse

RETRY = "retry: 2000\n\n"
"""The first line: a browser that loses the stream comes back after so many milliseconds."""
STILL_HERE = ": still here\n\n"
"""A comment, so that proxies keep a silent stream open."""
EVENT_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}
}
"""How a route's description says that it answers with events."""
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def frame(event: str, data: str, number: int | None = None) -> str:
    """One event. `data` is JSON in one line; `number` is what a client sends as `Last-Event-ID` when it comes back."""
    identified = f"id: {number}\n" if number else ""
    return f"{identified}event: {event}\ndata: {data}\n\n"


def error(sentence: str) -> str:
    """The last event of a stream that cannot go on."""
    return frame("error", json.dumps({"detail": sentence}))


def streamed(frames: AsyncIterable[str]) -> StreamingResponse:
    """The answer."""
    return StreamingResponse(frames, media_type="text/event-stream", headers=_HEADERS)
