"""A voice and the workers that have it, one after the other: what each is sent, and whose words are told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from contracts.speech.live import HEARD, SOUND, Frame, ListenAsk, Listening, Room, StreamHeard
from contracts.subjects import live_subject
from gateway.usecases.listening import Voice

SECOND = bytes(32_000)


class Workers:
    """The broker, and workers behind it. `answers` are theirs to claims, in turn; an error is one that comes late."""

    def __init__(self, *answers: Listening | Exception) -> None:
        self.config = SimpleNamespace(connection_state=SimpleNamespace(connection=self))
        self.claims: list[ListenAsk] = []
        self.sent: dict[UUID, list[Frame]] = {}
        self.claimed = asyncio.Semaphore(0)
        self._answers = list(answers)
        self._hearing: dict[str, Callable[[Any], Awaitable[None]]] = {}

    async def subscribe(self, subject: str, cb: Callable[[Any], Awaitable[None]]) -> Any:
        self._hearing[subject] = cb

        async def unsubscribe() -> None:
            del self._hearing[subject]

        return SimpleNamespace(unsubscribe=unsubscribe)

    async def publish(self, subject: str, data: bytes) -> None:
        claim = next(each.claim_id for each in self.claims if live_subject(each.claim_id, SOUND) == subject)
        self.sent.setdefault(claim, []).append(Frame.decode(data))

    async def request(self, *_: Any, **__: Any) -> Any:
        return SimpleNamespace(body=Room(worker="any").model_dump_json().encode())

    async def ask(self, service: str, question: str, ask: ListenAsk, *_: Any, **__: Any) -> Listening:
        self.claims.append(ask)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        self.claimed.release()
        return answer

    async def say(self, number: int, **heard: Any) -> None:
        """What the worker of a claim says; nobody may listen to it any more."""
        listener = self._hearing.get(live_subject(self.claims[number].claim_id, HEARD))
        if listener is not None:
            await listener(SimpleNamespace(data=StreamHeard(**heard).model_dump_json().encode()))

    def heard_by(self, number: int) -> bytes:
        frames = self.sent.get(self.claims[number].claim_id, [])
        assert [each.number for each in frames] == list(range(len(frames)))
        return b"".join(each.data for each in frames)


def listened(workers: Workers) -> Voice:
    return Voice(workers, workers, "en")  # type: ignore[arg-type]


async def finals(voice: Voice) -> list[str]:
    found = []
    while (said := await voice.next()) is not None:
        if said.kind == "final":
            found.append(said.text)
    return found


async def test_a_worker_that_was_late_to_accept_is_not_heard_beside_the_next() -> None:
    workers = Workers(TimeoutError(), Listening(accepted=True))
    voice = listened(workers)
    words = asyncio.create_task(finals(voice))
    await voice.sound(SECOND)
    await workers.claimed.acquire()
    for number in (0, 1):
        await workers.say(number, kind="final", text="once", until=1.0)
        await workers.say(number, kind="ended")
    assert await words == ["once"]
    assert workers.claims[0].claim_id != workers.claims[1].claim_id


async def test_the_next_worker_is_sent_what_had_not_become_final() -> None:
    workers = Workers(Listening(accepted=True), Listening(accepted=True))
    voice = listened(workers)
    words = asyncio.create_task(finals(voice))
    await voice.sound(SECOND + b"\1" * 32_000)
    await workers.claimed.acquire()
    await workers.say(0, kind="final", text="one", until=1.0)
    await workers.say(0, kind="failed")
    await workers.claimed.acquire()
    await workers.say(1, kind="final", text="two", until=2.0)
    await workers.say(1, kind="ended")
    assert await words == ["one", "two"]
    assert workers.claims[1].begins_at == workers.claims[1].heard_until == 1.0
    assert workers.heard_by(0) == SECOND + b"\1" * 32_000 and workers.heard_by(1) == b"\1" * 32_000


async def test_of_a_file_all_is_sent_again_and_it_is_said_what_is_known() -> None:
    file = b"OggS" + bytes(50_000)
    workers = Workers(Listening(accepted=True), Listening(accepted=False), Listening(accepted=True))
    voice = listened(workers)
    words = asyncio.create_task(finals(voice))
    await voice.sound(file)
    await workers.claimed.acquire()
    await workers.say(0, kind="final", text="one", until=0.5)
    await workers.say(0, kind="failed")
    for _ in range(2):
        await workers.claimed.acquire()
    await workers.say(2, kind="ended")
    assert await words == ["one"]
    last = workers.claims[2]
    assert (last.container, last.begins_at, last.heard_until) == ("ogg", 0.0, 0.5)
    assert workers.heard_by(2) == file and workers.heard_by(1) == b""
