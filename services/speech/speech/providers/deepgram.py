"""Deepgram: it recognises recordings and streams, and speaks."""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AsyncExitStack, suppress
from itertools import takewhile
from typing import Any, cast, get_args
from urllib.parse import urlsplit

import httpx
from contracts.vocabulary.hearing import MAX_HEARD_WORDS, Heard, HeardWord
from deepgram import AsyncDeepgramClient, DeepgramClientEnvironment
from deepgram.core.api_error import ApiError
from deepgram.listen.v1.socket_client import AsyncV1SocketClient
from deepgram.speak.v1.audio.types import AudioGenerateRequestModel
from models.circuit import Circuit
from models.errors import Failure, of_status
from models.timing import Timing
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK

from speech.ports import (
    SAMPLE_RATE,
    Busy,
    Failed,
    Final,
    Line,
    Partial,
    Progress,
    RecognitionStream,
    Recording,
    Samples,
    Speaker,
    SpeakerCapabilities,
    SpeechStarted,
    StreamEvent,
    Transcriber,
    TranscriberCapabilities,
    UtteranceEnded,
    unheeded,
)
from speech.providers.health import Health
from speech.providers.recordings import SHORTEST, file_of, limit, nothing_heard, pcm, wav

NAME = "deepgram"
UNUSED_KEY = "none"
LANGUAGES = {
    "nova-3": frozenset(
        "af be bg bn bs ca cs da de el en es et fa fi fr he hi hr hu hy id it ja ka kk kn ko lt lv mk mr ms ne nl no pa"
        " pl pt ro ru sk sl sr sv ta te th tl tr uk ur vi zh".split()
    )
}
"""By model, from Deepgram's changelog up to September 2026. Other models may be asked for any."""
MOST_TERMS = 1_000
"""Characters of all terms together: Deepgram takes 500 tokens, and refuses the recording with more."""
ENDPOINTING = 300
"""Milliseconds of silence after which words are final: the value that Deepgram gives for conversations."""
UTTERANCE_END = 1_000
"""Milliseconds between words that end an utterance; Deepgram takes no less."""
KEEP_ALIVE = 4.0
"""Seconds without audio after which Deepgram is told that more may come: it closes after ten."""
DUE = 3.0
"""Seconds of audio, which Deepgram answers at least each second, that may go unanswered."""
SPEAKS = 24_000
"""Hertz of spoken audio."""
LONGEST = 2_000
"""Characters that Deepgram speaks at once."""
SPEEDS = {"en": (0.7, 1.5), "es": (0.9, 1.5)}
"""Slowest and fastest by language. Voices of other languages have one speed."""
DEFAULT_VOICES = {
    "de": "viktoria", "en": "thalia", "es": "celeste", "fr": "agathe", "it": "livia", "ja": "izanami", "nl": "rhea",
}  # fmt: skip
LIKE = {"amy": "pandora", "brian": "draco", "joanna": "athena", "matthew": "apollo"}
"""Voices of Amazon Polly, by which older clients ask, and those of Deepgram that come closest."""


class Deepgram:
    """An account at Deepgram, or with a base URL a server that speaks its protocol; used by one event loop. Deepgram
    may use what it hears to improve its models where `improves_models` says so."""

    def __init__(self, base_url: str, key: str, timing: Timing, *, improves_models: bool = False) -> None:
        self.timing = timing
        self.opts_out = not improves_models
        # Without a limit of its own: each call has one around it.
        self._http = httpx.AsyncClient(timeout=None)
        own = _environment(base_url.removesuffix("/v1"))
        self.environment = own if base_url else DeepgramClientEnvironment.PRODUCTION
        self.host = urlsplit(self.environment.base).hostname or ""
        client = AsyncDeepgramClient(
            api_key=key or UNUSED_KEY, environment=self.environment, httpx_client=self._http, max_retries=0
        )
        # The SDK imports its parts on first use, for a second and more: not while somebody waits.
        self.recordings, self.streams, self.voices = client.listen.v1.media, client.listen.v1, client.speak.v1.audio

    async def aclose(self) -> None:
        """Close its connections, but for those of streams."""
        await self._http.aclose()


def _environment(url: str) -> DeepgramClientEnvironment:
    sockets = "ws" + url.removeprefix("http")
    return DeepgramClientEnvironment(base=url, production=sockets, agent=sockets, agent_rest=url)


def _failure(error: Exception) -> Failure:
    """What an exception of the SDK, or of what it builds on, stands for."""
    if isinstance(error, ApiError):
        if error.status_code is None or error.status_code < 400:
            return Failure("malformed")
        # Where a stream was refused, the SDK gives the headers that it sent; those that came are in what it caught.
        return of_status(error.status_code, error.body, getattr(error.__context__, "headers", error.headers) or {})
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return Failure("timeout")
    if isinstance(error, ConnectionClosed | httpx.ReadError | httpx.RemoteProtocolError):
        return Failure("cut_off")
    if isinstance(error, OSError | httpx.RequestError):
        return Failure("connection")
    if isinstance(error, AttributeError | LookupError | TypeError | ValueError):
        return Failure("malformed")
    return Failure("server_error")


class DeepgramTranscriber(Transcriber):
    """Recordings, with the terms as hints, and streams, which take no terms."""

    def __init__(self, deepgram: Deepgram, model: str, keep_alive: float = KEEP_ALIVE) -> None:
        self.name = NAME
        self._deepgram = deepgram
        self._keep_alive = keep_alive
        self._health = Health(f"{NAME} recognition", Circuit(deepgram.timing))
        languages = LANGUAGES.get(model, frozenset())
        self.capabilities = TranscriberCapabilities(model, languages, streams=True, quality={})

    @property
    def available(self) -> bool:
        return self._health.available

    async def transcribe(self, recording: Recording, progress: Progress = unheeded) -> Heard:
        if recording.seconds < SHORTEST:
            return nothing_heard(recording)
        try:
            async with asyncio.timeout(limit(recording, self._deepgram.timing)):
                answer = await self._deepgram.recordings.transcribe_file(
                    request=file_of(recording),
                    model=self.capabilities.model,
                    smart_format=True,
                    punctuate=True,
                    mip_opt_out=self._deepgram.opts_out,
                    **self._hints(recording),
                )
            heard = _heard(recording, answer)
        except Exception as error:
            raise self._health.failed(_failure(error)) from None
        self._health.answered()
        return heard

    def _hints(self, recording: Recording) -> dict[str, Any]:
        language = {"language": recording.language} if recording.language else {"detect_language": True}
        # Other models refuse it.
        terms = _within(recording.terms, MOST_TERMS) if self.capabilities.model.startswith("nova-3") else []
        return language | ({"keyterm": terms} if terms else {})

    async def listen(self, language: str) -> RecognitionStream:
        stack = AsyncExitStack()
        try:
            async with asyncio.timeout(self._deepgram.timing.attempt):
                socket = await stack.enter_async_context(
                    self._deepgram.streams.connect(
                        model=self.capabilities.model,
                        language=language or "multi",
                        encoding="linear16",
                        sample_rate=SAMPLE_RATE,
                        channels=1,
                        interim_results=True,
                        smart_format=True,
                        punctuate=True,
                        endpointing=ENDPOINTING,
                        utterance_end_ms=UTTERANCE_END,
                        vad_events=True,
                        mip_opt_out=self._deepgram.opts_out,
                    )
                )
        except Exception as error:
            raise self._health.failed(_failure(error)) from None
        return _Stream(socket, stack, language, self._deepgram.timing, self._health, self._keep_alive)


class _Stream(RecognitionStream):
    """Ends with the connection: whoever uses it opens another."""

    def __init__(
        self,
        socket: AsyncV1SocketClient,
        stack: AsyncExitStack,
        language: str,
        timing: Timing,
        health: Health,
        keep_alive: float,
    ) -> None:
        self._socket = socket
        self._stack = stack
        self._language = language
        self._timing = timing
        self._health = health
        self._keep_alive = keep_alive
        self._ended = self._closed = False
        self._failure: Busy | Failed | None = None
        self._sent_at = timing.clock()
        self._due_since: float | None = None
        self._sent = self._answered = 0.0
        """Seconds of audio."""
        self._partial = ""

    async def send(self, samples: Samples) -> None:
        if not len(samples):
            return  # to Deepgram an empty message is the end of the stream
        self._sent += len(samples) / SAMPLE_RATE
        if self._due_since is None and self._sent - self._answered >= DUE:
            self._due_since = self._timing.clock()
        await self._tell(self._socket.send_media(pcm(samples)))

    async def finalize(self) -> None:
        await self._tell(self._socket.send_finalize())

    async def end(self) -> None:
        if self._ended or self._closed:
            return
        self._ended = True
        self._due_since = self._timing.clock()
        await self._tell(self._socket.send_close_stream())

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        # To close politely is to wait for a server that may be gone, for ten seconds and more.
        self._socket._websocket.transport.abort()
        with suppress(Exception):
            await self._stack.aclose()

    async def events(self) -> AsyncIterator[StreamEvent]:
        while True:
            try:
                message = await self._next()
                if self._ended and getattr(message, "type", None) == "Metadata":
                    return  # it is the last
                event = self._event(message)
            except Exception as error:
                if self._closed or (self._ended and isinstance(error, ConnectionClosedOK)):
                    return
                raise self._failed(error) from None
            if event:
                yield event

    async def _tell(self, sending: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(self._timing.attempt):
                await sending
        except Exception as error:
            raise self._failed(error) from None
        self._sent_at = self._timing.clock()

    async def _next(self) -> Any:
        """The next message. Raises TimeoutError where one is overdue, and whatever the connection raises."""
        while True:
            try:
                async with asyncio.timeout(min(self._keep_alive, self._timing.attempt) / 4):
                    return await self._socket.recv()
            except TimeoutError:
                now = self._timing.clock()
                if self._due_since is not None and now - self._due_since >= self._timing.attempt:
                    raise
                if now - self._sent_at >= self._keep_alive and not self._ended:
                    await self._tell(self._socket.send_keep_alive())

    def _event(self, message: Any) -> StreamEvent | None:
        kind = getattr(message, "type", None)
        if kind == "Results":
            return self._result(message)
        if kind == "Error":
            raise RuntimeError
        if kind == "SpeechStarted":
            return SpeechStarted(message.timestamp)
        # Deepgram says -1 where the words before the pause ended an utterance already.
        if kind == "UtteranceEnd" and message.last_word_end >= 0:
            return UtteranceEnded(message.last_word_end)
        return None

    def _result(self, message: Any) -> Final | Partial | None:
        understood, until = message.channel.alternatives[0], message.start + message.duration
        self._answered = max(self._answered, until)
        due = self._ended or self._sent - self._answered >= DUE
        self._due_since = self._timing.clock() if due else None
        text, before = understood.transcript.strip(), self._partial
        if message.is_final:
            self._partial = ""
            self._health.answered()
            language = self._language or _first(understood.languages)
            return Final(text, _words(understood.words), until, understood.confidence, language)
        self._partial = text
        return Partial(text, _agreed(before, text)) if text or before else None

    def _failed(self, error: Exception) -> Busy | Failed:
        """Counts only what first went wrong; the rest follows from it."""
        if self._closed:
            return Failed("closed")
        self._failure = self._failure or self._health.failed(_failure(error))
        return self._failure


def _heard(recording: Recording, answer: Any) -> Heard:
    channel = answer.results.channels[0]
    understood = channel.alternatives[0]
    return Heard(
        text=understood.transcript.strip(),
        words=_words(understood.words)[:MAX_HEARD_WORDS],
        language=recording.language or (channel.detected_language or "").split("-")[0],
        confidence=understood.confidence,
        duration=recording.seconds,
    )


def _words(words: Sequence[Any]) -> tuple[HeardWord, ...]:
    return tuple(
        HeardWord(
            text=each.punctuated_word or each.word,
            start=each.start,
            end=max(each.start, each.end),
            confidence=each.confidence,
        )
        for each in words
    )


def _first(languages: Sequence[str] | None) -> str:
    return languages[0].split("-")[0] if languages else ""


def _agreed(before: str, now: str) -> int:
    """Characters of the words with which both begin."""
    pairs = zip(before.split(), now.split(), strict=False)
    return len(" ".join(word for word, _ in takewhile(lambda pair: pair[0] == pair[1], pairs)))


def _within(terms: Sequence[str], most: int) -> list[str]:
    """As many of the first terms as have so many characters together."""
    kept: list[str] = []
    for term in terms:
        most -= len(term)
        if most < 0:
            break
        kept.append(term)
    return kept


class DeepgramSpeaker(Speaker):
    """Aura's voices. `voice` is the one where a client names none of the language that it asks for; each language but
    its own has a default of its own. Speed goes as far as Deepgram goes: for English and Spanish, within limits."""

    def __init__(self, deepgram: Deepgram, model: str, voice: str) -> None:
        self.name = NAME
        self._deepgram = deepgram
        self._health = Health(f"{NAME} voices", Circuit(deepgram.timing))
        self._language_of = _voices(model)
        some = {code: name for name, code in self._language_of.items()}
        self._defaults = some | DEFAULT_VOICES | {self._language_of.get(voice, "en"): voice}
        self.capabilities = SpeakerCapabilities(
            model=model,
            voices=tuple(sorted(self._language_of)),
            default_voice=voice,
            languages=frozenset(self._language_of.values()) or frozenset({"en"}),
            formats=("wav", "mp3"),
        )

    @property
    def available(self) -> bool:
        return self._health.available

    def identity(self, line: Line) -> str:
        return f"{self.name} {self._deepgram.host} {self._voice(line)}"

    async def speak(self, line: Line) -> bytes:
        try:
            async with asyncio.timeout(self._deepgram.timing.call):
                audio = b"".join([await self._said(text, line) for text in _pieces(line.text)])
            if not audio or (line.format == "wav" and len(audio) % 2):
                raise ValueError("no audio")
        except Exception as error:
            raise self._health.failed(_failure(error)) from None
        self._health.answered()
        # Deepgram streams: the header of its own WAV files does not know how long they are.
        return wav(audio, SPEAKS) if line.format == "wav" else audio

    async def _said(self, text: str, line: Line) -> bytes:
        form: dict[str, Any] = {"encoding": "mp3"}
        if line.format == "wav":
            form = {"encoding": "linear16", "container": "none", "sample_rate": SPEAKS}
        slowest, fastest = SPEEDS.get(line.code, (1.0, 1.0))
        speed = min(max(line.speed, slowest), fastest)
        form |= {"speed": speed} if speed != 1 else {}
        async with self._deepgram.voices.with_raw_response.generate(
            text=text, model=self._voice(line), mip_opt_out=self._deepgram.opts_out, **form
        ) as answer:
            if not answer.headers.get("content-type", "").lower().startswith("audio/"):
                raise ValueError("not audio")
            return b"".join([chunk async for chunk in answer.data])

    def _voice(self, line: Line) -> str:
        """The name of the voice in Deepgram's words; always one of the line's language."""
        wanted = line.voice.lower()
        wanted = LIKE.get(wanted, wanted)
        name = wanted if self._language_of.get(wanted) == line.code else self._defaults[line.code]
        return f"{self.capabilities.model}-{name}-{line.code}"


def _pieces(text: str) -> list[str]:
    return textwrap.wrap(text, LONGEST, break_on_hyphens=False)


def _voices(model: str) -> dict[str, str]:
    """Languages by the names of a model's voices, as far as the SDK knows them."""
    known = cast(tuple[str, ...], get_args(get_args(AudioGenerateRequestModel)[0]))
    tails = [each.removeprefix(f"{model}-").split("-") for each in known if each.startswith(f"{model}-")]
    return {tail[0]: tail[1] for tail in tails if len(tail) == 2}
