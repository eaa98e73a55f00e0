"""What the dialects ask of speech: what is there, a line as audio, a recording as it was made."""

from __future__ import annotations

import asyncio
import io
import time
import wave
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from uuid import UUID

import nats.errors
import structlog
from contracts.speech.asks import (
    MAX_SPOKEN,
    AudioFormat,
    CapabilitiesAsk,
    SpeakAsk,
    SpeechCapabilities,
    Spoken,
)
from contracts.speech.live import Container
from nats.js.errors import Error as JetStreamError
from parley_text.clauses import clauses
from runtime.errors import AskFailed
from runtime.objects import ObjectNotFound, ObjectStore
from runtime.telemetry import failure
from sqlalchemy.exc import SQLAlchemyError

from gateway.bus.commands import Commands
from gateway.bus.spoken_lines import SpokenLines
from gateway.problems import Problem
from gateway.values import code_of

log = structlog.get_logger()
SILENCE_SECONDS = 0.25
SAMPLE_RATE = 8000
SPEAK_SECONDS = 30.0
"""How long a line may take."""
DEAD_SECONDS = 12.0
"""Within which a worker answers, or is taken for dead."""
FORGET_SECONDS = 10.0
"""Within which the sound of an interview is deleted, or left to vanish by itself."""
LINE = 200
"""Characters of a text that is spoken whole, at most: each line is there on its own."""
LONG = 400
"""Characters from which on a text is spoken in parts, since each may take its time."""
KNOWN_SECONDS = 5.0
"""For which it is remembered what speaks."""
MEDIA_TYPES: dict[AudioFormat, str] = {"mp3": "audio/mpeg", "wav": "audio/wav"}
NO_SPEECH = (
    "Speech is not available on this installation. Interviews by text are. Whoever runs it can install speech by typing"
    " `parley models install speech`."
)
NOT_SPOKEN = "No voice here speaks this language. The text can be read, or spoken by the browser's own voice."
NOT_HEARD = "Nothing here understands speech in this language. Please write your answer, or speak another language."
_BUSY = "The voice is busy just now. Please try again in a moment."
_FAILED = "This could not be spoken just now. Please try again in a moment."


class Busy(Problem):
    """Whoever listens has no room for more."""

    def __init__(self) -> None:
        super().__init__(
            429, "Everything that listens is busy just now. Please try again in a moment.", {"Retry-After": "5"}
        )


class NoSpeech(Problem):
    """Nothing here can listen or speak, or not in the language that is wanted."""

    def __init__(self, sentence: str = NO_SPEECH) -> None:
        super().__init__(503, sentence)


_CONTAINERS: tuple[tuple[bytes, Container], ...] = (
    (b"\x1a\x45\xdf\xa3", "matroska"),
    (b"OggS", "ogg"),
    (b"RIFF", "wav"),
    (b"fLaC", "flac"),
    (b"ID3", "mp3"),
)
_RECORDED: dict[Container, str] = {
    "matroska": "audio/webm", "ogg": "audio/ogg", "wav": "audio/wav", "flac": "audio/flac", "mov": "audio/mp4",
}  # fmt: skip


@dataclass(frozen=True)
class Audio:
    """An audio file."""

    data: bytes
    format: AudioFormat

    @property
    def media_type(self) -> str:
        """As HTTP calls it."""
        return MEDIA_TYPES[self.format]


class Speech:
    """Ears and voice of the dialects. `objects` is where spoken audio lies, `recordings` where that of candidates
    does; `lines` knows for whom."""

    def __init__(self, commands: Commands, objects: ObjectStore, recordings: ObjectStore, lines: SpokenLines) -> None:
        self._commands = commands
        self._objects = objects
        self._lines = lines
        self._recordings = recordings
        self._known = SpeechCapabilities()
        self._known_until = 0.0

    async def capabilities(self) -> SpeechCapabilities:
        """What speaks here, as it was some seconds ago at most; nothing where the service is not there."""
        if time.monotonic() >= self._known_until:
            try:
                self._known = await self._commands.ask("speech", "capabilities", CapabilitiesAsk(), SpeechCapabilities)
            except (nats.errors.Error, AskFailed, TimeoutError):
                self._known = SpeechCapabilities()
            self._known_until = time.monotonic() + KNOWN_SECONDS
        return self._known

    async def speaks(self, language: str) -> bool:
        """Whether anything speaks a language."""
        return any(_serves(each.languages, language) for each in (await self.capabilities()).voices)

    async def must_speak(self) -> None:
        """Raises NoSpeech where nothing does."""
        if not (await self.capabilities()).voices:
            raise NoSpeech

    async def must_hear(self, language: str = "", *, live: bool = False) -> None:
        """Raises NoSpeech where nothing understands a language, with `live` while it is spoken; an empty one stands for
        whichever it is."""
        found = [each for each in (await self.capabilities()).recognisers if each.streams or not live]
        if not any(_serves(each.languages, language) for each in found):
            raise NoSpeech(NOT_HEARD if found else NO_SPEECH)

    async def must_have_room(self) -> None:
        """Raises Busy where so many recordings wait that another one had better come later."""
        if (await self.capabilities()).full:
            raise Busy

    async def recording(self, key: str) -> tuple[bytes, str]:
        """What somebody recorded, and its media type. Raises ObjectNotFound where it is kept no longer."""
        data = await self._recordings.get(key)
        return data, recorded_as(data)

    async def speak(self, wanted: SpeakAsk, session_id: UUID | None = None) -> Audio:
        """A text as audio, in the format that is wanted or another one that there is; the sound goes with the interview
        that it is for. Raises NoSpeech, and Problem 429 and 503."""
        if len(wanted.text) > LONG and wanted.format == "mp3":
            return await self._in_parts(wanted, session_id)
        for form in dict.fromkeys((wanted.format, *MEDIA_TYPES)):
            sound = await self._sound(wanted.model_copy(update={"format": form}), session_id)
            if sound is not None:
                return Audio(sound, form)
        raise NoSpeech(NOT_SPOKEN if (await self.capabilities()).voices else NO_SPEECH)

    async def forget(self, session_id: UUID, texts: Iterable[str]) -> None:
        """Delete the sound of what was said in an interview, but for what others share. What cannot be deleted now
        vanishes within a day: it keeps nobody from being forgotten."""
        said = {line for text in texts for line in _lines_of(text)}
        try:
            async with asyncio.timeout(FORGET_SECONDS):
                for key in await self._lines.forget(session_id, said):
                    await self._objects.delete(key)
        except (nats.errors.Error, JetStreamError, SQLAlchemyError, OSError) as error:
            log.warning("the sound of an erased interview stays until its day is over", **failure(error))

    async def _sound(self, wanted: SpeakAsk, session_id: UUID | None) -> bytes | None:
        """None where it is not spoken in this format."""
        for last in (False, True):
            spoken = await self._spoken(wanted)
            if spoken.key is None:
                return None
            try:
                await self._lines.note(spoken.key, wanted.text, session_id)
            except (SQLAlchemyError, OSError) as error:  # who waits for a voice hears it all the same
                log.warning("it is not on record for whom a line was spoken", **failure(error))
            try:
                return await self._objects.get(spoken.key)
            except ObjectNotFound:  # an interview that shared it was erased just now: it is made anew
                if last:
                    raise
        return None

    async def _in_parts(self, wanted: SpeakAsk, session_id: UUID | None) -> Audio:
        parts = [
            await self.speak(wanted.model_copy(update={"text": each}), session_id)
            for each in clauses(wanted.text, LONG, LONG)
        ]
        if any(each.format != "mp3" for each in parts):  # only MP3 can be joined
            return await self.speak(wanted.model_copy(update={"format": parts[0].format}), session_id)
        return Audio(b"".join(each.data for each in parts), "mp3")

    async def stream(self, wanted: SpeakAsk, session_id: UUID | None = None) -> tuple[str, AsyncIterator[bytes]]:
        """The same clause by clause, each made while the one before is being heard: the media type, and the pieces.
        Only MP3 can be joined so; of anything else there is one piece. Raises as above while nothing was said."""
        pieces = clauses(wanted.text)
        first = await self.speak(wanted.model_copy(update={"text": pieces[0], "format": "mp3"}), session_id)
        if first.format != "mp3":
            whole = await self.speak(wanted.model_copy(update={"format": first.format}), session_id)
            return whole.media_type, _one(whole.data)
        later = [wanted.model_copy(update={"text": text, "format": "mp3"}) for text in pieces[1:]]
        return first.media_type, self._joined(first.data, later, session_id)

    async def say(self, text: str, language: str, session_id: UUID | None = None) -> bytes:
        """A WAV file of the text, or of its beginning, where the rest is not spoken in time; a short silence without a
        voice, since clients wait for something to be played. What is said each time, such as a greeting, is kept."""
        lines = [SpeakAsk(text=each, language=language) for each in clauses(text[:MAX_SPOKEN], LINE, LINE)]
        tasks = [asyncio.create_task(self.speak(each, session_id)) for each in lines]
        spoken: list[bytes] = []
        try:
            await asyncio.wait(tasks, timeout=SPEAK_SECONDS)
            for task in takewhile(asyncio.Task.done, tasks):
                spoken.append(task.result().data)
        except NoSpeech:
            pass
        except (Problem, nats.errors.Error, AskFailed, ObjectNotFound, OSError) as error:
            log.warning("a text is not spoken to its end", **failure(error))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return joined(spoken) if spoken else silence()

    async def _spoken(self, wanted: SpeakAsk) -> Spoken:
        """Raises NoSpeech where the service is not there, Problem where it cannot."""
        spoken = await self._answered(wanted)
        if spoken.refusal == "busy":
            raise Problem(429, _BUSY, {"Retry-After": str(max(1, round(spoken.retry_after)))})
        if spoken.refusal == "failed":
            raise Problem(503, _FAILED, {"Retry-After": "2"})
        return spoken

    async def _answered(self, wanted: SpeakAsk) -> Spoken:
        """A worker that dies says nothing: another is asked then. What was spoken meanwhile is found, and not spoken
        again."""
        until = time.monotonic() + SPEAK_SECONDS
        while (left := until - time.monotonic()) > 0:
            try:
                return await self._commands.ask("speech", "speak", wanted, Spoken, timeout=min(left, DEAD_SECONDS))
            except nats.errors.NoRespondersError:
                if not self._known.voices:
                    raise NoSpeech from None
            except TimeoutError:  # which NATS's own is, too
                continue
        raise Problem(503, _FAILED, {"Retry-After": "2"})

    async def _joined(self, first: bytes, later: list[SpeakAsk], session_id: UUID | None) -> AsyncIterator[bytes]:
        ahead = [asyncio.create_task(self.speak(later[0], session_id))] if later else []
        try:
            yield first
            for following in [*later[1:], None]:
                if not ahead:
                    return
                audio = await ahead.pop()
                if following is not None:
                    ahead.append(asyncio.create_task(self.speak(following, session_id)))
                yield audio.data
        except (Problem, nats.errors.Error, AskFailed, ObjectNotFound, OSError) as error:
            log.warning("a text is not spoken to its end", **failure(error))
        finally:
            for task in ahead:
                task.cancel()


def _lines_of(text: str) -> set[str]:
    """All lines as which a text may have been spoken."""
    cut = text[:MAX_SPOKEN]
    return {cut, *clauses(cut), *clauses(cut, LINE, LINE), *clauses(cut, LONG, LONG)}


def _serves(languages: Sequence[str], language: str) -> bool:
    """No languages, and no language, stand for any."""
    return not languages or not language or code_of(language) in languages


def container_of(sound: bytes) -> Container:
    """What kind of file a recording or a voice is, by how it begins; PCM has no beginning of its own."""
    if sound[4:8] in (b"ftyp", b"styp", b"moof"):
        return "mov"
    return next((kind for beginning, kind in _CONTAINERS if sound.startswith(beginning)), "")


def recorded_as(data: bytes) -> str:
    """The media type of a recording."""
    return _RECORDED.get(container_of(data), "audio/mpeg")  # which begins in several ways


async def _one(data: bytes) -> AsyncIterator[bytes]:
    yield data


def joined(files: Sequence[bytes]) -> bytes:
    """One file of several: MP3, or WAV as far as it is of one kind, since a voice that stands in for another may have a
    rate of its own."""
    if len(files) == 1 or not _is_wav(files[0]):
        return b"".join(each for each in files if _is_wav(each) == _is_wav(files[0]))
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        for number, each in enumerate(filter(_is_wav, files)):
            with wave.open(io.BytesIO(each)) as part:
                kind = (part.getnchannels(), part.getsampwidth(), part.getframerate())
                if number == 0:
                    written.setnchannels(kind[0])
                    written.setsampwidth(kind[1])
                    written.setframerate(kind[2])
                elif kind != (written.getnchannels(), written.getsampwidth(), written.getframerate()):
                    break
                written.writeframes(part.readframes(part.getnframes()))
    return file.getvalue()


def _is_wav(file: bytes) -> bool:
    return container_of(file) == "wav"


def silence() -> bytes:
    """A WAV file in which nothing is heard: mono, 16 bit."""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(SAMPLE_RATE)
        written.writeframes(bytes(2 * int(SILENCE_SECONDS * SAMPLE_RATE)))
    return file.getvalue()
