"""The test endpoint, as the SDK sees it."""

from __future__ import annotations

import math
import os
from collections.abc import AsyncIterator

import openai
import pytest
from devkit.fake_openai import Hang, OpenAIServer, Reply, Status


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as running:
        yield running


@pytest.fixture
async def client(server: OpenAIServer) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(api_key="sk-test", base_url=server.url, max_retries=0) as made:
        yield made


async def test_a_chat_whole_and_in_pieces(server: OpenAIServer, client: openai.AsyncOpenAI) -> None:
    server.default = Reply(lambda request: f"You said {request['messages'][0]['content']}.", chunk=4)
    asked = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
    whole = await client.chat.completions.create(**asked)
    assert whole.choices[0].message.content == "You said hello." and whole.usage and whole.usage.total_tokens > 0
    stream = await client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True})
    chunks = [chunk async for chunk in stream]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "You said hello."
    assert chunks[-1].usage == whole.usage and not chunks[-1].choices
    assert [one.path for one in server.received] == ["/chat/completions"] * 2


async def test_a_plain_completion(server: OpenAIServer, client: openai.AsyncOpenAI) -> None:
    answer = await client.completions.create(model="m", prompt="Say hello.")
    assert answer.choices[0].text == "Hello." and server.bodies("/completions")[0]["prompt"] == "Say hello."


async def test_behaviours_are_taken_in_turn(server: OpenAIServer, client: openai.AsyncOpenAI) -> None:
    server.enqueue(Status(429, retry_after="3"), Status(503), Reply("Third."))
    with pytest.raises(openai.RateLimitError) as limited:
        await client.completions.create(model="m", prompt="")
    assert limited.value.response.headers["retry-after"] == "3"
    with pytest.raises(openai.InternalServerError):
        await client.completions.create(model="m", prompt="")
    for text in ("Third.", "Hello."):
        assert (await client.completions.create(model="m", prompt="")).choices[0].text == text


async def test_models_are_listed_or_not(server: OpenAIServer, client: openai.AsyncOpenAI) -> None:
    server.models = ["a", "b"]
    assert [model.id async for model in client.models.list()] == ["a", "b"]
    server.models = Status(401)
    with pytest.raises(openai.AuthenticationError):
        await client.models.list()


@pytest.mark.parametrize("encoding", ["float", "base64"])
async def test_embeddings(server: OpenAIServer, client: openai.AsyncOpenAI, encoding: str) -> None:
    texts = ["I built a payment service in Go", "a payment service written in Go", "roses are red"]
    # The SDK asks for base64 and decodes it, unless told otherwise.
    options = {"encoding_format": "float"} if encoding == "float" else {}
    answer = await client.embeddings.create(model="m", input=texts, **options)
    one, near, far = (item.embedding for item in answer.data)
    assert len(one) == 256 and math.hypot(*one) == pytest.approx(1, abs=1e-5)
    assert _dot(one, near) > _dot(one, far)
    small = await client.embeddings.create(model="m", input="Go", dimensions=8)
    assert len(small.data[0].embedding) == 8
    server.embeddings = Status(500)
    with pytest.raises(openai.InternalServerError):
        await client.embeddings.create(model="m", input="Go")


def _dot(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


async def test_it_stops_while_somebody_hangs() -> None:
    async with OpenAIServer(Hang()) as server:
        client = openai.AsyncOpenAI(api_key="k", base_url=server.url, max_retries=0, timeout=0.05)
        with pytest.raises(openai.APITimeoutError):
            await client.completions.create(model="m", prompt="")
        await client.close()
