"""Vectors from elsewhere, or from here: a call has all of one model, in time, and never an error."""

from __future__ import annotations

import asyncio
import time
from base64 import b64encode
from collections.abc import Callable

import numpy
import pytest
from contracts.documents.asks import MAX_ENCODED, MAX_ENCODED_TEXTS, EncodeAsk, Encoded
from parley_meaning import CountedWords
from runtime import encoder as module
from runtime.encoder import RemoteEncoder
from runtime.errors import AskFailed

LOCAL = CountedWords.model


class Host:
    """Answers with other vectors than words have: each text's length and its negative."""

    def __init__(self) -> None:
        self.asked: list[EncodeAsk] = []
        self.trouble: Callable[[EncodeAsk], Encoded] | None = None
        self.delay = 0.0

    async def __call__(self, ask: EncodeAsk) -> Encoded:
        self.asked.append(ask)
        await asyncio.sleep(self.delay)
        if self.trouble:
            return self.trouble(ask)
        rows = numpy.array([[len(text), -1] for text in ask.texts])
        return encoded(rows / numpy.linalg.norm(rows, axis=1, keepdims=True))


def encoded(rows: numpy.ndarray, model: str = "e5-small", dimensions: int = 2) -> Encoded:
    return Encoded(model=model, dimensions=dimensions, vectors=b64encode(rows.astype("<f2").tobytes()).decode())


def remote(host: Host, *, limit: float = 0.3, urgent: bool = True) -> RemoteEncoder:
    return RemoteEncoder(host, CountedWords(), urgent=urgent, limit=limit)


def raising(error: Exception) -> Callable[[EncodeAsk], Encoded]:
    def fail(_: EncodeAsk) -> Encoded:
        raise error

    return fail


async def test_vectors_come_from_the_host_in_the_order_of_the_texts() -> None:
    host = Host()
    made = await remote(host).vectors(["a", "", "abc", "?!", "a"])
    assert made.model == "e5-small" and host.asked == [EncodeAsk(texts=("a", "abc"), urgent=True, seconds=0.3)]
    assert numpy.allclose(made.rows[2], numpy.array([3, -1]) / numpy.sqrt(10), atol=1e-3)
    assert numpy.array_equal(made.rows[0], made.rows[4])
    assert not made.rows[1].any() and not made.rows[3].any(), "nothing to read has no direction"


async def test_many_texts_are_several_asks_and_long_ones_are_cut() -> None:
    host = Host()
    texts = [f"text {number} " + "x" * 3_000 for number in range(MAX_ENCODED_TEXTS + 1)]
    made = await remote(host).vectors([*texts, "\ud800 broken"])
    assert made.rows.shape == (MAX_ENCODED_TEXTS + 2, 2) and made.model == "e5-small"
    assert [len(ask.texts) for ask in host.asked] == [MAX_ENCODED_TEXTS, 2]
    assert all(len(text) <= MAX_ENCODED for ask in host.asked for text in ask.texts)


@pytest.mark.parametrize(
    "trouble",
    [
        raising(TimeoutError()),
        raising(ConnectionError()),
        raising(AskFailed("failed")),
        raising(RuntimeError("unheard of")),
        lambda _: Encoded(),
        lambda _: Encoded(model="e5-small", dimensions=2, vectors="no base64"),
        lambda _: encoded(numpy.ones((2, 2))),
        lambda _: encoded(numpy.ones((1, 2)), dimensions=0),
    ],
    ids=["late", "away", "failed", "bug", "none installed", "garbled", "too many", "no dimensions"],
)
async def test_whatever_the_host_does_there_are_vectors(trouble: Callable[[EncodeAsk], Encoded]) -> None:
    host = Host()
    host.trouble = trouble
    encoder = remote(host)
    for _ in range(3):
        made = await encoder.vectors(["consistent hashing"])
        assert made.model == LOCAL and numpy.array_equal(made.rows, CountedWords().rows(["consistent hashing"]))
    assert len(host.asked) == 1, "who was silent is not asked again at once"


async def test_the_limit_is_for_the_call_and_silence_costs_it_once() -> None:
    host, began = Host(), time.monotonic()
    host.delay = 5
    encoder = remote(host, limit=0.2)
    calls = [encoder.vectors([f"text {number}"]) for number in range(20)]
    assert {made.model for made in await asyncio.gather(*calls)} == {LOCAL}
    assert time.monotonic() - began < 20 * 0.2, "each waited for itself"
    asked = len(host.asked)
    await encoder.vectors(["another"])
    assert len(host.asked) == asked


async def test_a_busy_host_costs_no_time_and_is_asked_again() -> None:
    host = Host()
    host.trouble = lambda _: Encoded(busy=True)
    encoder = remote(host)
    assert (await encoder.vectors(["a"])).model == LOCAL
    host.trouble = None
    assert (await encoder.vectors(["a"])).model == "e5-small"
    assert [ask.seconds for ask in host.asked] == [0.3, 0.3], "it knows how long its answer is of use"


async def test_a_host_that_is_back_is_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AGAIN", 0.05)
    host = Host()
    host.trouble = raising(ConnectionError())
    encoder = remote(host)
    assert (await encoder.vectors(["a"])).model == LOCAL
    host.trouble = None
    await asyncio.sleep(0.1)
    assert (await encoder.vectors(["a"])).model == "e5-small"


async def test_one_call_never_mixes_what_is_remembered_with_words() -> None:
    host = Host()
    encoder = remote(host)
    await encoder.vectors(["a", "b"])
    host.trouble = raising(ConnectionError())
    assert (await encoder.vectors(["a", "new"])).model == LOCAL
    assert (await encoder.vectors(["b", "a"])).model == "e5-small", "all of it is remembered"


async def test_parts_that_two_models_answered_are_not_compared() -> None:
    host = Host()
    models = iter(["one", "two"])
    host.trouble = lambda ask: encoded(numpy.ones((len(ask.texts), 2)), next(models))
    made = await remote(host).vectors([f"text {number}" for number in range(MAX_ENCODED_TEXTS + 1)])
    assert made.model == LOCAL
