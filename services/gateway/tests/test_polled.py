"""What is asked for again and again is sent when it changes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response
from gateway.edge.polled import unless_known


@pytest.fixture
def content() -> dict[str, Any]:
    return {"history": [{"content": "Grüße \u2028", "timestamp": datetime(2026, 1, 1, tzinfo=UTC)}] * 50}


@pytest.fixture
def app(content: dict[str, Any]) -> FastAPI:
    app = FastAPI()

    @app.get("/")
    async def read(request: Request) -> Response:
        return unless_known(request, content)

    return app


async def test_it_is_sent_once_and_again_when_it_has_changed(app: FastAPI, call: Any, content: dict[str, Any]) -> None:
    first = await call(app)
    assert first.status == 200 and len(first.json["history"]) == 50
    assert first.headers["etag"].startswith('W/"') and first.headers["content-type"] == "application/json"
    again = await call(app, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
    content["history"] = content["history"][:3]
    changed = await call(app, headers={"If-None-Match": first.headers["etag"]})
    assert changed.status == 200 and len(changed.json["history"]) == 3
    assert changed.headers["etag"] != first.headers["etag"]


async def test_one_of_several_is_enough_strong_or_weak(app: FastAPI, call: Any) -> None:
    tag = (await call(app)).headers["etag"]
    for known in (f'"other", {tag}', tag.removeprefix("W/"), f'{tag},W/"x"', "*"):
        assert (await call(app, headers={"If-None-Match": known})).status == 304
    for unknown in ('W/"other"', "", "nonsense", tag[3:-1]):
        assert (await call(app, headers={"If-None-Match": unknown})).status == 200


async def test_nobody_else_is_shown_it(app: FastAPI, call: Any) -> None:
    headers = (await call(app)).headers
    assert headers["cache-control"] == "private, no-cache"
    assert headers["vary"] == "Authorization, X-Session-ID"
