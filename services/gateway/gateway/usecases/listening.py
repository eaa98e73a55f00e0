"""A voice that is listened to: its sound goes to a speech worker, and what is understood comes back. If the worker
dies, another is sent all that had not become final."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from uuid import UUID, uuid4

import nats.errors
import structlog
from contracts.speech.live import (
    BEAT_SECONDS,
    HEARD,
    SOUND,
    Container,
    Frame,
    ListenAsk,
    Listening,
    Order,
    Room,
    RoomAsk,
    StreamHeard,
)
from contracts.subjects import ask_subject, live_subject
from faststream.nats import NatsBroker
from nats.aio.msg import Msg
from runtime.broker import connection_of
from runtime.errors import AskFailed
from runtime.tasks import end

from gateway.bus.commands import Commands
from gateway.problems import Problem
from gateway.usecases.speech import Busy, Speech, container_of

log = structlog.get_logger()
BYTES_A_SECOND = 32_000
"""Of PCM."""
MOST_SOUND = 25 * 1024 * 1024
"""Bytes that are kept of a voice until they are final; of a file all, since it cannot be read from its middle."""
PIECE = 32 * 1024
DEAD_AFTER = 3 * BEAT_SECONDS
"""Seconds without a sign of life from a worker."""
ROOM_SECONDS = 0.7
GIVEN_UP_AFTER = 10.0
"""Seconds for which somebody is looked for who takes over a voice."""
FRUITLESS = 4
"""Workers in a row that give up a voice before they say anything: it is the sound, then, and not the workers."""
LAST_WORDS = 15.0
"""Seconds for which the last words are waited for once no more sound comes."""
KEPT_SECONDS = 60.0
"""For which a client may come back for its last words."""
LOST = "What you say cannot be understood just now. Please try again."
TOO_MUCH = "This recording is too long. Please stop and begin another."


class Lost(Problem):
    """Nobody takes over."""

    def __init__(self) -> None:
        super().__init__(503, LOST, {"Retry-After": "5"})


class Voice:
    """One voice. Used by one task that brings its sound and one that reads what is heard."""

    def __init__(self, broker: NatsBroker, commands: Commands, language: str) -> None:
        self._broker = broker
        self._commands = commands
        self._language = language
        self._container: Container = ""
        self._begun = asyncio.Event()
        self._kept = bytearray()
        self._kept_from = 0
        """Bytes of the stream before what is kept."""
        self._final_until = 0.0
        self._claim: UUID | None = None
        self._number = 0
        self._ended = False
        self._sending = asyncio.Lock()
        self._told: deque[StreamHeard] = deque()
        self._news = asyncio.Event()
        self._hearing: asyncio.Task[None] | None = None
        self._sound_at = time.monotonic()

    # What the client brings

    async def sound(self, data: bytes) -> None:
        """More of it. Raises Problem 413 for more than is kept."""
        async with self._sending:
            if not self._begun.is_set():
                self._container = container_of(data)
                self._begun.set()
            if len(self._kept) + len(data) > MOST_SOUND:
                raise Problem(413, TOO_MUCH)
            self._kept += data
            self._sound_at = time.monotonic()
            await self._send("sound", data)

    @property
    def quiet_for(self) -> float:
        """Seconds since the last sound came."""
        return time.monotonic() - self._sound_at

    async def finalize(self) -> None:
        """What was said so far is final."""
        async with self._sending:
            await self._send("finalize")

    async def end(self) -> None:
        """No more comes."""
        async with self._sending:
            self._ended = True
            self._begun.set()
            await self._send("end")

    async def keep_alive(self) -> None:
        """Tell the worker that somebody is there still."""
        async with self._sending:
            await self._send("alive")

    # What is heard

    async def next(self) -> StreamHeard | None:
        """What is understood next; first of all, that somebody listens, and None once all is final. Raises Busy where
        nobody listens, Lost where nobody does any more. Who reads may be cancelled, and another go on."""
        self._hearing = self._hearing or asyncio.create_task(self._hear())
        while not self._told:
            if self._hearing.done():
                self._hearing.result()
                return None
            self._news.clear()
            await self._news.wait()
        return self._told.popleft()

    def put_back(self, heard: StreamHeard) -> None:
        """It could not be told."""
        self._told.appendleft(heard)

    async def close(self) -> None:
        """Let go of it, whatever is not final."""
        if self._hearing is not None:
            await end([self._hearing])

    async def _hear(self) -> None:
        try:
            async for each in self._heard():
                self._told.append(each)
                self._news.set()
        finally:
            self._news.set()

    async def _heard(self) -> AsyncGenerator[StreamHeard]:
        await self._somebody_has_room()
        yield StreamHeard(kind="listening")
        await self._begun.wait()
        fruitless = 0
        while True:
            async with self._claimed() as queue:
                said = False
                async for each in self._until_it_fails(queue):
                    said = said or each.kind in ("partial", "final")
                    yield each
                    if each.kind == "ended":
                        return
            fruitless = 0 if said else fruitless + 1
            if fruitless >= FRUITLESS:
                raise Lost
            log.warning("a voice is given to another worker", until=self._final_until)

    async def _until_it_fails(self, queue: asyncio.Queue[Msg]) -> AsyncIterator[StreamHeard]:
        ended_at = None
        while True:
            try:
                async with asyncio.timeout(DEAD_AFTER):
                    said = StreamHeard.model_validate_json((await queue.get()).data)
            except TimeoutError:
                return
            if said.kind == "failed":
                return
            if self._ended:
                ended_at = ended_at or time.monotonic()
                if said.kind == "alive" and time.monotonic() - ended_at > LAST_WORDS:
                    raise Lost
            if said.kind == "final":
                await self._is_final(said.until)
            if said.kind != "alive":
                yield said

    async def _is_final(self, until: float) -> None:
        async with self._sending:
            self._final_until = max(self._final_until, until)
            if not self._container:  # a file has to be read from its beginning
                done = int(self._final_until * BYTES_A_SECOND) // 2 * 2 - self._kept_from
                if 0 < done <= len(self._kept):
                    del self._kept[:done]
                    self._kept_from += done

    @asynccontextmanager
    async def _claimed(self) -> AsyncIterator[asyncio.Queue[Msg]]:
        """A worker has the voice, and all of it that is not final yet; what it says is in the queue. Raises Lost."""
        until = time.monotonic() + GIVEN_UP_AFTER
        while True:
            queue: asyncio.Queue[Msg] = asyncio.Queue()
            # Each try has an id of its own: of one that was only late to say so, nothing must be heard.
            claim = uuid4()
            subscription = await connection_of(self._broker).subscribe(live_subject(claim, HEARD), cb=_into(queue))
            try:
                if await self._taken(claim):
                    yield queue
                    return
            finally:
                async with self._sending:
                    self._claim = None
                with suppress(Exception):  # the connection may be gone, and the subscription with it
                    await subscription.unsubscribe()
            if time.monotonic() > until:
                raise Lost
            await asyncio.sleep(0.1)

    async def _somebody_has_room(self) -> None:
        for _ in range(2):
            with suppress(nats.errors.Error, TimeoutError, OSError):
                await self._room()
                return
        raise Busy

    async def _room(self) -> Room:
        wanted = RoomAsk(language=self._language).model_dump_json().encode()
        found = await self._broker.request(wanted, ask_subject("speech", "room"), timeout=ROOM_SECONDS)
        return Room.model_validate_json(found.body)

    async def _taken(self, claim: UUID) -> bool:
        """Whether somebody listens. Then they are sent what there is."""
        try:
            worker = (await self._room()).worker
            async with self._sending:
                began = 0.0 if self._container else self._kept_from / BYTES_A_SECOND
                ask = ListenAsk(
                    claim_id=claim,
                    language=self._language,
                    container=self._container,
                    begins_at=began,
                    heard_until=max(began, self._final_until),
                )
                answer = await self._commands.ask("speech", f"listen-{worker}", ask, Listening, timeout=ROOM_SECONDS)
                if not answer.accepted:
                    return False
                self._claim, self._number = claim, 0
                for start in range(0, len(self._kept), PIECE):
                    await self._send("sound", bytes(self._kept[start : start + PIECE]))
                if self._ended:
                    await self._send("end")
        except (nats.errors.Error, AskFailed, TimeoutError, OSError):
            return False
        return True

    async def _send(self, order: Order, data: bytes = b"") -> None:
        """To whoever has the voice; nobody may, for a moment, and is sent it later."""
        if self._claim is None:
            return
        frame = Frame(order, self._number, data)
        self._number += 1
        with suppress(nats.errors.Error, OSError):  # a gap in the numbers tells the worker
            await connection_of(self._broker).publish(live_subject(self._claim, SOUND), frame.encode())


def _into(queue: asyncio.Queue[Msg]) -> Callable[[Msg], Awaitable[None]]:
    async def take(message: Msg) -> None:
        queue.put_nowait(message)

    return take


class Listener:
    """Voices, and for a while what was still being understood when somebody went away."""

    def __init__(self, broker: NatsBroker, commands: Commands, speech: Speech) -> None:
        self._broker = broker
        self._commands = commands
        self._speech = speech
        self._left: dict[tuple[UUID, UUID | None], list[StreamHeard]] = {}
        self._finishing: dict[asyncio.Task[None], Voice] = {}

    async def voice(self, language: str) -> Voice:
        """A new voice. Raises NoSpeech."""
        await self._speech.must_hear(language, live=True)
        return Voice(self._broker, self._commands, language)

    def left(self, session_id: UUID | None, user_id: UUID | None) -> list[StreamHeard]:
        """What became final after somebody had gone, and was not told before; for a minute."""
        kept = self._left.get((session_id, user_id), []) if session_id else []
        words = list(kept)
        kept.clear()
        return words

    def finish(self, voice: Voice, session_id: UUID, user_id: UUID | None) -> None:
        """Understand the rest of a voice whose client has gone, and keep it for when they come back."""
        words = self._left.setdefault((session_id, user_id), [])

        async def understand() -> None:
            with suppress(Problem):
                await voice.end()
                while (each := await voice.next()) is not None:
                    if each.kind == "final" and each.text:
                        words.append(each)
            await asyncio.sleep(KEPT_SECONDS)
            self._left.pop((session_id, user_id), None)

        task = asyncio.create_task(understand())
        self._finishing[task] = voice
        task.add_done_callback(self._finishing.pop)

    async def close_unless_finishing(self, voice: Voice) -> None:
        """Let go of a voice, unless its last words are waited for."""
        if voice not in self._finishing.values():
            await voice.close()

    async def close(self) -> None:
        """Let go of all."""
        voices = list(self._finishing.values())
        await end(list(self._finishing))
        for voice in voices:
            await voice.close()
