"""Real endpoints on the loopback, and a clock on which pauses take no time."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from devkit.fake_openai import OpenAIServer
from models import Models, ModelSettings
from models.settings import Fallback
from models.timing import Timing
from pydantic import SecretStr

MakeModels = Callable[..., Models]


class Clock:
    """Real time, and the pauses that were not waited for."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return time.monotonic() + sum(self.pauses)

    async def sleep(self, seconds: float) -> None:
        if seconds:
            self.pauses.append(seconds)
        await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def _no_keys_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    fields = {name.upper() for name in ModelSettings.model_fields}
    for name in os.environ:
        if name.upper().startswith("OPENAI_") or name.upper() in fields or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as running:
        yield running


@pytest.fixture
async def second() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def make_models(clock: Clock) -> AsyncIterator[MakeModels]:
    """`make_models(server, second, attempt=..., call=..., **settings)`: the first endpoint and its fallbacks."""
    made: list[Models] = []

    def make(*servers: OpenAIServer, attempt: float = 5.0, call: float = 20.0, **fields: Any) -> Models:
        fallbacks = [Fallback(base_url=one.url, name=f"b{n}") for n, one in enumerate(servers[1:], 1)]
        settings = ModelSettings(
            **{
                "openai_base_url": servers[0].url,
                "openai_api_key": SecretStr("sk-main"),
                "openai_fallbacks": fallbacks,
                **fields,
            }
        )
        timing = Timing(attempt, call, probe=15.0, clock=clock, sleep=clock.sleep)
        made.append(Models.from_settings(settings, timing))
        return made[-1]

    yield make
    for models in made:
        await models.aclose()
