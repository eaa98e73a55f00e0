"""Resources from the web, over a real socket, and from the list when the web has none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from coach.engines import ReportMaterial
from coach.finder import Curated, Searching
from coach.search import Serper
from coach_cases import ANSWERS, DEADLINE, PAYMENT, turn
from contracts.vocabulary.configuration import SessionConfig
from pydantic import SecretStr

MATERIAL = ReportMaterial(
    SessionConfig(job_role="Backend Engineer"),
    (turn(1, PAYMENT, ANSWERS[PAYMENT]["average"]), turn(2, DEADLINE, ANSWERS[DEADLINE]["weak"])),
)
PAGE = {"title": "Idempotency", "link": "https://example.org/keys", "snippet": "How keys work."}


@dataclass
class Web:
    """A server that speaks like serper.dev, or fails."""

    status: int = 200
    body: Any = field(default_factory=lambda: {"organic": [PAGE]})
    asked: list[tuple[str, Any]] = field(default_factory=list)
    url: str = ""

    async def search(self, request: web.Request) -> web.Response:
        self.asked.append((request.headers["X-API-KEY"], await request.json()))
        if isinstance(self.body, str):
            return web.Response(text=self.body, status=self.status)
        return web.json_response(self.body, status=self.status)


@pytest.fixture
async def internet() -> AsyncIterator[Web]:
    found = Web()
    app = web.Application()
    app.router.add_post("/search", found.search)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield found
    await runner.cleanup()


async def found_by(internet: Web) -> list[str]:
    serper = Serper(SecretStr("key"), internet.url)
    resources = await Searching(serper, Curated()).find(MATERIAL)
    await serper.aclose()
    assert 3 <= len(resources) <= 6 and all(each.reasoning and each.title for each in resources)
    return [each.url for each in resources]


async def test_what_the_search_finds_comes_first_and_once(internet: Web) -> None:
    urls = await found_by(internet)
    assert urls[0] == PAGE["link"] and urls.count(PAGE["link"]) == 1
    key, body = internet.asked[0]
    assert key == "key" and "Backend Engineer" in body["q"]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"message": "Unauthorized."}),
        (429, {}),
        (500, "oops"),
        (200, "not json"),
        (200, {"organic": "nothing"}),
        (200, {"organic": [{"title": "", "link": "https://x.y"}, {"title": "T", "link": "javascript:alert(1)"}, 7]}),
        (200, []),
    ],
)
async def test_a_search_that_fails_leaves_the_curated_list(internet: Web, status: int, body: Any) -> None:
    internet.status, internet.body = status, body
    curated = [each.url for each in await Curated().find(MATERIAL)]
    assert await found_by(internet) == curated[:6]


async def test_nobody_there_leaves_the_curated_list() -> None:
    assert await found_by(Web(url="http://127.0.0.1:9"))
