"""Vectors: over OpenAI's wire, with its failures, and from the library."""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.util import find_spec

import numpy
import pytest
from devkit.fake_openai import Hang, OpenAIServer, Status
from documents.embeddings import BATCH, EmbeddingFailed, EndpointEmbedder, HostEmbedder, LocalEmbedder, make_embedder
from documents.encoding import Encoding
from documents.settings import DocumentsSettings
from parley_meaning import Floats, unit
from prometheus_client import REGISTRY


@pytest.fixture(autouse=True)
def _no_keys_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.upper().startswith(("OPENAI_", "EMBEDDING")):
            monkeypatch.delenv(name)


def endpoint(server: OpenAIServer, timeout: float = 5, dimensions: int = 512) -> EndpointEmbedder:
    return EndpointEmbedder(server.url, "key", "text-embedding-3-small", dimensions, timeout)


def settings(**given: object) -> DocumentsSettings:
    return DocumentsSettings(database_url="postgresql://x", **given)


async def test_the_endpoint_is_asked_for_the_model_and_its_size() -> None:
    async with OpenAIServer() as server:
        embedder = endpoint(server)
        [one, two, again] = await embedder.embed(["payments in Go", "a garden", "payments in Go"])
        await embedder.aclose()
        [body] = server.bodies("/embeddings")
    assert (body["model"], body["dimensions"]) == ("text-embedding-3-small", 512)
    assert len(one) == 512 and list(one) == list(again) and list(one) != list(two)
    assert embedder.model == "text-embedding-3-small@512"


async def test_an_endpoint_that_knows_no_sizes_is_not_asked_for_one() -> None:
    async with OpenAIServer() as server:
        embedder = endpoint(server, dimensions=0)
        [vector] = await embedder.embed(["x"])
        await embedder.aclose()
        [body] = server.bodies("/embeddings")
    assert "dimensions" not in body and len(vector) == 256 and embedder.model == "text-embedding-3-small"


async def test_many_texts_are_sent_in_parts_and_come_back_in_order() -> None:
    texts = [f"word{number}" for number in range(BATCH + 3)]
    async with OpenAIServer() as server:
        embedder = endpoint(server)
        vectors = await embedder.embed(texts)
        [last] = await embedder.embed([texts[-1]])
        await embedder.aclose()
        assert [len(body["input"]) for body in server.bodies("/embeddings")] == [BATCH, 3, 1]
    assert len(vectors) == len(texts) and list(vectors[-1]) == list(last)


@pytest.mark.parametrize("stumble", [Status(500), Status(429, retry_after="0")])
async def test_a_stumble_is_tried_again(stumble: Status) -> None:
    async with OpenAIServer() as server:
        server.embeddings = stumble
        embedder = endpoint(server)
        embedding = asyncio.create_task(embedder.embed(["x"]))
        while not server.received:  # noqa: ASYNC110 (it is a server in the test)
            await asyncio.sleep(0.01)
        server.embeddings = None
        assert len(await embedding) == 1 and len(server.received) > 1
        await embedder.aclose()


@pytest.mark.parametrize(
    "behaviour",
    [
        Status(401),
        Status(404),
        Status(429, retry_after="0"),
        Status(500),
        Status(200, body="<html>"),
        Status(200, body={}),
        Status(200, body={"data": [{"index": 0, "embedding": [1.0]}]}),
        Status(200, body={"data": [{"index": 0, "embedding": "no"}] * 2}),
        Status(200, body={"data": [{"index": 0, "embedding": None}]}),
        Status(200, body={"data": [{"index": 0, "embedding": [None] * 512}]}),
        Status(200, body={"data": [{"index": 0, "embedding": ["1"] * 512}]}),
        Status(200, body={"data": [{"index": 0, "embedding": [1.0] * 511 + [math.nan]}]}),
        Status(200, body={"data": [{"index": 0, "embedding": [1.0] * 511 + [-math.inf]}]}),
        Status(200, body={"data": [{"index": 0, "embedding": [1.0] * 511 + [1e39]}]}),
        Hang(),
    ],
    ids=[
        "key",
        "model",
        "busy",
        "down",
        "no object",
        "no vectors",
        "short",
        "too many",
        "none",
        "nothing in it",
        "words",
        "no number",
        "no end",
        "huge",
        "silent",
    ],
)
async def test_what_an_endpoint_does_not_do_is_one_error(behaviour: Status | Hang) -> None:
    async with OpenAIServer() as server:
        server.embeddings = behaviour
        embedder = endpoint(server, timeout=0.3)
        with pytest.raises(EmbeddingFailed) as failed:
            await asyncio.wait_for(embedder.embed(["a secret"]), 20)
        await embedder.aclose()
    assert "secret" not in str(failed.value)


@pytest.mark.parametrize("vector", [[], [math.nan], [1.0] * 16_001], ids=["empty", "no number", "long"])
async def test_vectors_of_any_length_are_refused_where_postgres_would(vector: list[float]) -> None:
    async with OpenAIServer() as server:
        server.embeddings = Status(200, body={"data": [{"index": 0, "embedding": vector}]})
        embedder = endpoint(server, dimensions=0)
        with pytest.raises(EmbeddingFailed):
            await embedder.embed(["x"])
        await embedder.aclose()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
async def test_the_library_has_no_vector_for_nothing() -> None:
    with pytest.raises(EmbeddingFailed):
        await LocalEmbedder().embed(["a word", ""])


async def test_an_endpoint_that_is_away_is_the_same_error() -> None:
    async with OpenAIServer() as server:
        embedder = endpoint(server)
    with pytest.raises(EmbeddingFailed):
        await embedder.embed(["x"])
    await embedder.aclose()


async def test_the_library_knows_what_is_near() -> None:
    embedder = LocalEmbedder()
    texts = ["database administrator", "ran Postgres servers", "taught children to sing"]
    admin, postgres, singing = map(numpy.array, await embedder.embed(texts))
    assert len(admin) == 256 and numpy.linalg.norm(admin) == pytest.approx(1, abs=1e-3)
    assert admin @ postgres > admin @ singing


def test_the_settings_choose() -> None:
    assert find_spec("wordllama")
    assert isinstance(make_embedder(settings(), None), LocalEmbedder)
    assert isinstance(make_embedder(settings(openai_api_key="k"), None), EndpointEmbedder)
    assert isinstance(make_embedder(settings(embedding_base_url="http://127.0.0.1:1/v1"), None), EndpointEmbedder)
    assert isinstance(make_embedder(settings(embeddings="local", openai_api_key="k"), None), LocalEmbedder)
    assert make_embedder(settings(embeddings="off", openai_api_key="k"), None) is None
    with pytest.raises(ValueError, match="EMBEDDINGS is endpoint"):
        make_embedder(settings(embeddings="endpoint"), None)


class Model:
    """Vectors that say how long a text is."""

    name = "e5-small"
    fails = False

    def rows(self, texts: Sequence[str]) -> Floats:
        if self.fails:
            raise RuntimeError("a secret")
        return unit(numpy.array([[len(text), 1] for text in texts], dtype=numpy.float32))


@asynccontextmanager
async def host(model: Model | None) -> AsyncIterator[HostEmbedder]:
    encoding = Encoding(lambda: model)
    task = asyncio.create_task(encoding.run())
    yield HostEmbedder(encoding, "e5-small")
    task.cancel()
    encoding.close()


async def test_the_encoder_of_the_host_makes_the_vectors_of_a_document_in_order() -> None:
    texts = ["x" * number for number in range(1, 60)]
    async with host(Model()) as embedder:
        vectors = await embedder.embed(texts)
        assert isinstance(make_embedder(settings(), embedder), HostEmbedder)
        assert isinstance(make_embedder(settings(openai_api_key="k"), embedder), EndpointEmbedder)
        assert isinstance(make_embedder(settings(embeddings="local"), embedder), LocalEmbedder)
    assert [round(vector[0] / vector[1]) for vector in vectors] == [len(text) for text in texts]


@pytest.mark.parametrize("trouble", ["not loaded", "another", "fails"])
async def test_an_encoder_that_cannot_makes_no_vectors_of_another_kind(trouble: str) -> None:
    model = Model()
    model.name, model.fails = "another" if trouble == "another" else "e5-small", trouble == "fails"
    async with host(None if trouble == "not loaded" else model) as embedder:
        with pytest.raises(EmbeddingFailed) as failed:
            await embedder.embed(["a text"])
    assert "secret" not in str(failed.value)


def test_without_the_library_words_have_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("documents.embeddings.find_spec", lambda _: None)
    assert make_embedder(settings(), None) is None
    with pytest.raises(ValueError, match="EMBEDDINGS is local"):
        make_embedder(settings(embeddings="local"), None)


async def test_vectors_go_where_they_are_sent_and_with_that_key_only() -> None:
    async with OpenAIServer() as chat, OpenAIServer() as vectors:
        embedder = make_embedder(
            settings(
                openai_api_key="chat-key", openai_base_url=chat.url,
                embedding_base_url=vectors.url, embedding_api_key="vector-key",
            ),
            None,
        )  # fmt: skip
        assert embedder
        await embedder.embed(["x"])
        await embedder.aclose()
        assert not chat.received
        [request] = vectors.received
        assert request.headers["authorization"] == "Bearer vector-key"


async def test_calls_are_counted_by_how_they_ended() -> None:
    named = {"role": "embeddings", "endpoint": "embeddings", "model": "text-embedding-3-small"}

    def calls(outcome: str) -> float:
        return REGISTRY.get_sample_value("parley_model_calls_total", named | {"outcome": outcome}) or 0

    async with OpenAIServer() as server:
        embedder = EndpointEmbedder(server.url, "key", "text-embedding-3-small", 0, 5)
        well, badly = calls("ok"), calls("unauthorized")
        await embedder.embed(["payments in Go"])
        server.embeddings = Status(401)
        with pytest.raises(EmbeddingFailed):
            await embedder.embed(["a garden"])
        await embedder.aclose()
    assert (calls("ok") - well, calls("unauthorized") - badly) == (1, 1)
    assert REGISTRY.get_sample_value("parley_model_tokens_total", named | {"direction": "input"})
