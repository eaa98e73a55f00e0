"""Voices that are being listened to by this worker."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from uuid import UUID

import structlog
from contracts.speech.live import (
    BEAT_SECONDS,
    HEARD,
    QUIET_SECONDS,
    SOUND,
    Frame,
    ListenAsk,
    Listening,
    Room,
    RoomAsk,
    StreamHeard,
)
from contracts.subjects import live_subject
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from prometheus_client import Gauge
from runtime.tasks import end
from runtime.telemetry import failure, session_tag

from speech.decoding.stream import SoundStream
from speech.ports import (
    Final,
    Partial,
    RecognitionStream,
    SpeechError,
    SpeechStarted,
    StreamEvent,
    Transcriber,
    UtteranceEnded,
    language_code,
)

log = structlog.get_logger()
STREAMS = Gauge("parley_speech_streams", "Voices that this worker listens to.")
CAPACITY = Gauge("parley_speech_stream_capacity", "Voices that it can listen to.")
MOST_WAITING = 2000
"""Frames of a voice that wait for its recogniser, which are minutes: more means that it is too slow."""
DRAIN_SECONDS = 5.0
"""For which a worker that is stopped goes on with its voices before it gives them to others."""


class Streams:
    """At most `capacity` of them. `transcribers` are asked in their order; `connection` gives the one to the broker."""

    def __init__(
        self, worker: str, transcribers: Sequence[Transcriber], connection: Callable[[], Client], capacity: int
    ) -> None:
        self.worker = worker
        self._transcribers = transcribers
        self._connection = connection
        self._capacity = capacity
        self._voices: dict[UUID, asyncio.Task[None]] = {}
        self._unsubscribing: set[asyncio.Task[None]] = set()
        self._leaving = False
        CAPACITY.set(capacity)

    async def room(self, ask: RoomAsk) -> Room | None:
        """Who has room answers; all others keep silent."""
        return Room(worker=self.worker) if self._has_room and self._able(ask.language) else None

    async def listen(self, ask: ListenAsk) -> Listening:
        """Listen from now on."""
        able = self._able(ask.language)
        if not self._has_room or not able:
            return Listening(accepted=False)
        heard: asyncio.Queue[Msg] = asyncio.Queue(MOST_WAITING)

        async def take(message: Msg) -> None:
            if not heard.full():  # a gap in the numbers says that something was lost
                heard.put_nowait(message)

        # Before anybody is told to send.
        subscription = await self._connection().subscribe(live_subject(ask.claim_id, SOUND), cb=take)
        voice = asyncio.create_task(self._hear(ask, able, heard))
        self._voices[ask.claim_id] = voice
        STREAMS.set(len(self._voices))

        def over(_: asyncio.Task[None]) -> None:
            self._voices.pop(ask.claim_id, None)
            STREAMS.set(len(self._voices))
            unsubscribing = asyncio.create_task(_unsubscribed(subscription))
            self._unsubscribing.add(unsubscribing)
            unsubscribing.add_done_callback(self._unsubscribing.discard)

        voice.add_done_callback(over)
        return Listening(accepted=True)

    async def leave(self) -> None:
        """Take no more, and give away those that do not end by themselves soon."""
        self._leaving = True
        if self._voices:
            await asyncio.wait(self._voices.values(), timeout=DRAIN_SECONDS)
        for voice in list(self._voices.values()):
            await end([voice])

    @property
    def _has_room(self) -> bool:
        return not self._leaving and len(self._voices) < self._capacity

    def _able(self, language: str) -> list[Transcriber]:
        able = [each for each in self._transcribers if each.capabilities.streams and each.capabilities.serves(language)]
        return sorted(able, key=lambda each: not each.available)

    async def _hear(self, ask: ListenAsk, able: Sequence[Transcriber], heard: asyncio.Queue[Msg]) -> None:
        async def say(said: StreamHeard) -> None:
            body = said.model_dump_json(exclude_defaults=True).encode()
            await self._connection().publish(live_subject(ask.claim_id, HEARD), body)

        async def beat() -> None:
            while True:
                await say(StreamHeard(kind="alive"))
                await asyncio.sleep(BEAT_SECONDS)

        beating = asyncio.create_task(beat())
        try:
            async with _Opened(able, ask) as recognition:
                await _listen(ask, recognition, heard, say)
            await say(StreamHeard(kind="ended"))
        except (SpeechError, TimeoutError, ValueError) as error:
            log.warning("a voice is given up", claim=session_tag(ask.claim_id), **failure(error))
            with suppress(Exception):
                await say(StreamHeard(kind="failed"))
        except asyncio.CancelledError:
            with suppress(Exception):
                await say(StreamHeard(kind="failed"))
            raise
        finally:
            await end([beating])


class _Opened:
    """A stream of the first recogniser that opens one. Raises SpeechError where none does."""

    def __init__(self, able: Sequence[Transcriber], ask: ListenAsk) -> None:
        self._able = able
        self._language = language_code(ask.language)
        self._stream: RecognitionStream | None = None

    async def __aenter__(self) -> RecognitionStream:
        last: SpeechError | None = None
        for transcriber in self._able:
            try:
                self._stream = await transcriber.listen(self._language)
            except SpeechError as error:
                last = error
            else:
                return self._stream
        assert last is not None
        raise last

    async def __aexit__(self, *_: object) -> None:
        assert self._stream is not None
        await self._stream.close()


async def _listen(
    ask: ListenAsk,
    recognition: RecognitionStream,
    heard: asyncio.Queue[Msg],
    say: Callable[[StreamHeard], Awaitable[None]],
) -> None:
    """Until all is final. Raises SpeechError, TimeoutError where nobody sends any more, ValueError for a gap."""
    sound = SoundStream(ask.container, max(0.0, ask.heard_until - ask.begins_at))
    begun = max(ask.begins_at, ask.heard_until)

    async def take() -> None:
        expected = 0
        while True:
            async with asyncio.timeout(QUIET_SECONDS):
                frame = Frame.decode((await heard.get()).data)
            if frame.number != expected:
                raise ValueError("a gap in the sound")
            expected += 1
            match frame.order:
                case "sound":
                    await sound.feed(frame.data)
                case "finalize":
                    sound.mark()
                case "end":
                    await sound.end()
                    return
                case "alive":
                    pass

    async def pass_on() -> None:
        while (samples := await sound.next()) is not None:
            await (recognition.send(samples) if len(samples) else recognition.finalize())
        await recognition.end()

    async def tell() -> None:
        async for event in recognition.events():
            await say(_said(event, begun))

    try:
        async with asyncio.TaskGroup() as group:
            for part in (take(), pass_on(), tell()):
                group.create_task(part)
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    finally:
        await sound.close()


def _said(event: StreamEvent, begun: float) -> StreamHeard:
    """In seconds of the stream: the recogniser counts from where it began to listen."""
    match event:
        case SpeechStarted(at=at):
            return StreamHeard(kind="started", at=at + begun)
        case UtteranceEnded(last_spoken_at=at):
            return StreamHeard(kind="utterance_ended", at=at + begun)
        case Partial(text=text, stable=stable):
            return StreamHeard(kind="partial", text=text, stable=stable)
        case Final():
            return StreamHeard(
                kind="final",
                text=event.text,
                until=event.until + begun,
                words=tuple(
                    word.model_copy(update={"start": word.start + begun, "end": word.end + begun})
                    for word in event.words
                ),
                confidence=min(1.0, max(0.0, event.confidence)),
                language=event.language,
            )


async def _unsubscribed(subscription: Subscription) -> None:
    with suppress(Exception):  # the connection may be gone, and the subscription with it
        await subscription.unsubscribe()
