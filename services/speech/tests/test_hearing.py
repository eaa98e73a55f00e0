"""What becomes of a recording: who understands it, what is said where nobody does, and what is kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from contracts import Event, Payload
from contracts.gateway.events import InterviewEnded, RecordingUploaded
from contracts.session.events import AudioReceived
from contracts.speech.events import Progressed, RecognitionFailed, Transcribed
from contracts.vocabulary.hearing import Heard, RecordingRef
from devkit.memory_objects import MemoryObjects
from devkit.spoken_code import decode, encode, floats, silence, unwav, wav
from speech import hearing
from speech.decoding import Decoder, Undecodable
from speech.hearing import Hearing
from speech.ports import (
    Busy,
    Failed,
    Progress,
    Recording,
    Samples,
    SpeechError,
    Transcriber,
    TranscriberCapabilities,
    unheeded,
)

NOW = datetime(2026, 11, 30, tzinfo=UTC)
ANSWER = "I moved our orders."
SPOKEN = wav(encode(ANSWER))


class FakeTranscriber(Transcriber):
    """Understands the code, once it has raised `errors`."""

    def __init__(self, name: str, *errors: SpeechError, languages: str = "", available: bool = True) -> None:
        self.name, self.errors, self.is_available = name, list(errors), available
        self.capabilities = TranscriberCapabilities("code", frozenset(languages.split()), streams=False, quality={})
        self.heard: list[Recording] = []
        self.shares: list[float] = []

    @property
    def available(self) -> bool:
        return self.is_available

    async def transcribe(self, recording: Recording, progress: Progress = unheeded) -> Heard:
        self.heard.append(recording)
        for share in self.shares:
            await progress(share)
        if self.errors:
            raise self.errors.pop(0)
        pcm = (recording.samples * 32768).astype(np.int16).tobytes()
        text = " ".join(word.text for word in decode(pcm))
        return Heard(text=text, confidence=0.9, duration=recording.seconds)


class WavDecoder(Decoder):
    """Reads WAV, without a process."""

    async def decode(self, data: bytes) -> Samples:
        try:
            return np.asarray(floats(unwav(data)), dtype=np.float32)
        except ValueError:
            raise Undecodable("unreadable", "This is no audio.") from None


@dataclass
class Ear:
    """A Hearing of these recognisers, with what it says and what it keeps."""

    transcribers: list[Transcriber]
    keep: bool = True
    patience: float = 60
    objects: MemoryObjects = field(default_factory=MemoryObjects)
    published: list[Event[Payload]] = field(default_factory=list)

    async def publish(self, event: Event[Payload]) -> None:
        self.published.append(event)

    async def hear(self, event: Event[Any], audio: bytes | None = SPOKEN) -> Any:
        """What it says of a recording; None as `audio` lets it be lost."""
        if audio is not None:
            self.objects.kept["a/recording"] = audio
        made = Hearing(
            self.transcribers, self.objects, WavDecoder(1, 60), self, lambda: NOW,
            keep=self.keep, patience=self.patience,
        )  # fmt: skip
        await made.handle(event)
        return self.published[-1].data if self.published else None


def about(data: Payload) -> Event[Any]:
    return Event(
        id=UUID(int=1), type=data.TYPE, schema_version=data.SCHEMA_VERSION, subject_id=UUID(int=2),
        correlation_id=UUID(int=3), occurred_at=NOW, data=data,
    )  # fmt: skip


def ref(audio: bytes = SPOKEN) -> RecordingRef:
    return RecordingRef(key="a/recording", size=len(audio), sha256=hashlib.sha256(audio).hexdigest())


def answer(audio: bytes = SPOKEN, language: str = "en-GB", *terms: str) -> Event[Any]:
    received = AudioReceived(turn=1, question_id=UUID(int=4), recording=ref(audio), language=language, terms=terms)
    return about(received)


def task(audio: bytes = SPOKEN, language: str = "") -> Event[Any]:
    return about(RecordingUploaded(recording=ref(audio), language=language))


async def test_an_answer_is_understood() -> None:
    recogniser = FakeTranscriber("first")
    ear = Ear([recogniser, FakeTranscriber("second")])
    event = answer(SPOKEN, "en-GB", "Redis")
    said = await ear.hear(event)
    assert said == Transcribed(heard=said.heard, provider="first", model="code") and said.heard.text == ANSWER
    [asked] = recogniser.heard
    assert (asked.language, asked.terms) == ("en", ("Redis",))
    [published] = ear.published
    assert (published.causation_id, published.subject_id, published.occurred_at) == (event.id, event.subject_id, NOW)


async def test_the_same_recording_twice_is_one_event() -> None:
    ear = Ear([FakeTranscriber("first")])
    event = answer()
    await ear.hear(event)
    await ear.hear(event)
    one, two = ear.published
    assert one.id == two.id and one.data == two.data


async def test_how_far_it_is_is_told_of_what_is_no_answer_and_not_too_often(monkeypatch: pytest.MonkeyPatch) -> None:
    recogniser = FakeTranscriber("first")
    recogniser.shares = [0.2, 0.4, 0.3, 1.0]
    ear = Ear([recogniser])
    await ear.hear(task())
    assert [each.data for each in ear.published[:-1]] == [Progressed(percent=5)], "the rest came within two seconds"
    monkeypatch.setattr(hearing, "TOLD_EVERY", 0.0)
    ear.published.clear()
    await ear.hear(task())
    told = ear.published[:-1]
    assert [each.data.percent for each in told] == [5, 24, 43, 99] and len({each.id for each in told}) == 4
    ear.published.clear()
    await ear.hear(answer())
    assert len(ear.published) == 1


async def test_who_cannot_say_how_far_it_is_goes_on() -> None:
    class Refusing(Ear):
        async def publish(self, event: Event[Payload]) -> None:
            if isinstance(event.data, Progressed):
                raise ConnectionError
            await super().publish(event)

    ear = Refusing([FakeTranscriber("first")])
    assert (await ear.hear(task())).heard.text == ANSWER


async def test_other_events_are_nothing_to_listen_to() -> None:
    ear = Ear([FakeTranscriber("first")])
    assert await ear.hear(about(InterviewEnded())) is None and ear.objects.kept


@pytest.mark.parametrize("error", [Failed("timeout"), Busy(3)])
async def test_another_takes_the_place_of_one_that_cannot(error: SpeechError) -> None:
    assert (await Ear([FakeTranscriber("first", error), FakeTranscriber("second")]).hear(answer())).provider == "second"


async def test_who_is_away_is_asked_last() -> None:
    away = FakeTranscriber("away", available=False)
    assert (await Ear([away, FakeTranscriber("there")]).hear(answer())).provider == "there" and not away.heard
    assert (await Ear([away]).hear(answer())).provider == "away", "rather than nobody"


async def test_busy_ones_are_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "_LOOK_AGAIN", (0.0, 0.0))
    busy = FakeTranscriber("busy", Busy(9), Busy(9))
    said = await Ear([busy, FakeTranscriber("broken", *[Failed("timeout")] * 3)]).hear(answer())
    assert said.provider == "busy" and len(busy.heard) == 3


async def test_it_is_said_when_all_stay_busy() -> None:
    busy = FakeTranscriber("busy", Busy(1))
    said = await Ear([busy, FakeTranscriber("broken", Failed("timeout"))], patience=0.5).hear(answer())
    assert said == RecognitionFailed(reason="busy", message=hearing.BUSY) and len(busy.heard) == 1


@pytest.mark.parametrize("names", [[], ["one"], ["one", "two"]])
async def test_it_is_said_when_none_can(names: list[str]) -> None:
    said = await Ear([FakeTranscriber(name, Failed("timeout")) for name in names]).hear(answer())
    assert (said.reason, said.message) == ("unavailable", hearing.UNAVAILABLE)


async def test_none_is_asked_for_a_language_that_it_does_not_know() -> None:
    english, german = FakeTranscriber("english", languages="en"), FakeTranscriber("german", languages="de")
    assert (await Ear([english, german]).hear(answer(SPOKEN, "de-AT"))).provider == "german"
    assert (await Ear([english, german]).hear(answer(SPOKEN, "hi"))).reason == "unavailable"
    assert (await Ear([german, english]).hear(task())).provider == "german", "nobody knows which it is"
    assert len(english.heard) == 0 and [each.language for each in german.heard] == ["de", ""]


@pytest.mark.parametrize(
    ("audio", "reason"),
    [
        (wav(silence(1)), "silent"),
        (wav(b"\x10\0" * 16_000), "silent"),
        (wav(b"\x10\x20" * 16_000), "wordless"),
        (wav(encode("... !")), "wordless"),
        (b"no audio", "unreadable"),
    ],
)
async def test_it_is_said_why_there_are_no_words(audio: bytes, reason: str) -> None:
    said = await Ear([FakeTranscriber("first")]).hear(answer(audio), audio)
    assert isinstance(said, RecognitionFailed) and said.reason == reason and said.message.endswith(".")


@pytest.mark.parametrize("audio", [None, SPOKEN[:-2], wav(encode("Another."))])
async def test_what_did_not_arrive_as_it_was_sent_is_lost(audio: bytes | None) -> None:
    recogniser = FakeTranscriber("first")
    said = await Ear([recogniser]).hear(answer(), audio)
    assert (said.reason, said.message) == ("lost", hearing.LOST) and not recogniser.heard


@pytest.mark.parametrize("audio", [SPOKEN, wav(silence(1))])
async def test_the_recording_of_an_answer_is_kept_where_it_is_wanted_and_that_of_a_task_never(audio: bytes) -> None:
    kept, dropped, done = (Ear([FakeTranscriber("first")], keep=keep) for keep in (True, False, True))
    await kept.hear(answer(audio), audio)
    await dropped.hear(answer(audio), audio)
    await done.hear(task(audio), audio)
    assert list(kept.objects.kept) == ["a/recording"] and not dropped.objects.kept and not done.objects.kept
    assert len(kept.published) == len(dropped.published) == 1
    outcomes = [each for each in done.published if not isinstance(each.data, Progressed)]
    assert len(outcomes) == 1 and outcomes[0] is done.published[-1]


async def test_a_recording_is_deleted_only_when_its_words_are_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    class Away(Exception):
        pass

    async def publish(event: Event[Payload]) -> None:
        raise Away

    ear = Ear([FakeTranscriber("first")], keep=False)
    with monkeypatch.context() as patched:
        patched.setattr(ear, "publish", publish)
        with pytest.raises(Away):
            await ear.hear(answer())
    assert ear.objects.kept
    assert (await ear.hear(answer())).heard.text == ANSWER
