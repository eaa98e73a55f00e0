"""What is spoken of a text, line by line, when a line is slow or is not spoken at all."""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
from contracts.speech.asks import SpeakAsk, SpeechCapabilities, Spoken, VoiceProvider
from devkit.memory_objects import MemoryObjects
from gateway.usecases import speech as usecase
from gateway.usecases.speech import LINE, Speech, silence
from memory_lines import MemoryLines
from parley_text.clauses import clauses

VOICE = VoiceProvider(
    name="kokoro", model="k", voices=(), default_voice="", languages=("en",), formats=("wav",), available=True
)


class Mouth:
    """A speech service that speaks lines of 8 kHz, each as many frames long as it has letters. `after` says of a line
    how many seconds it takes, or what goes wrong."""

    def __init__(self, after: Mapping[str, float | Spoken | bytes] = {}) -> None:
        self.after = after
        self.objects = MemoryObjects()

    async def ask(self, service: str, question: str, asked: Any, *_: Any, **__: Any) -> Any:
        if question == "capabilities":
            return SpeechCapabilities(voices=(VOICE,))
        what = next((each for begins, each in self.after.items() if asked.text.startswith(begins)), 0.0)
        if isinstance(what, Spoken):
            return what
        file = what if isinstance(what, bytes) else wav_file(len(asked.text))
        await asyncio.sleep(what if isinstance(what, float) else 0)
        await self.objects.put(asked.text, file)
        return Spoken(key=asked.text, provider="one")

    async def say(self, text: str) -> bytes:
        return await Speech(self, self.objects, MemoryObjects(), MemoryLines()).say(text, "en")  # type: ignore[arg-type]


def wav_file(frames: int, rate: int = 8000) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(rate)
        written.writeframes(b"\x01\x02" * frames)
    return file.getvalue()


def frames_of(file: bytes) -> int:
    with wave.open(io.BytesIO(file)) as read:
        return read.getnframes()


GREETING, QUESTION = "Welcome.", "What did you build last, and what was your own part in it? " + "Take your time. " * 12


async def test_a_text_is_spoken_line_by_line_and_all_of_it_is_heard() -> None:
    lines = clauses(f"{GREETING} {QUESTION}", LINE, LINE)
    assert lines[0] == GREETING and len(lines) > 2
    assert frames_of(await Mouth().say(f"{GREETING} {QUESTION}")) == sum(map(len, lines))


async def test_where_the_rest_takes_too_long_its_beginning_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usecase, "SPEAK_SECONDS", 0.2)
    heard = await Mouth({"What did": 30.0}).say(f"{GREETING} {QUESTION}")
    assert frames_of(heard) == len(GREETING)
    assert frames_of(await Mouth({"Welcome": 30.0}).say(GREETING)) == frames_of(silence())


async def test_what_goes_wrong_later_takes_nothing_from_what_was_spoken() -> None:
    for wrong in (Spoken(refusal="busy", retry_after=1), Spoken(refusal="failed"), Spoken(refusal="no_voice")):
        assert frames_of(await Mouth({"What did": wrong}).say(f"{GREETING} {QUESTION}")) == len(GREETING)
    other_rate = wav_file(5, 24_000)
    assert frames_of(await Mouth({"What did": other_rate}).say(f"{GREETING} {QUESTION}")) == len(GREETING)
    assert await Mouth({"W": b"ID3 one"}).say(GREETING) == b"ID3 one"


async def test_a_sound_goes_with_its_interview_unless_another_one_shares_it() -> None:
    mouth, one, other = Mouth(), uuid4(), uuid4()
    speech = Speech(mouth, mouth.objects, MemoryObjects(), MemoryLines())  # type: ignore[arg-type]
    greeting, own = SpeakAsk(text="Welcome."), SpeakAsk(text="You said that your sister left.")
    for line, whose in ((greeting, one), (greeting, other), (own, one)):
        await speech.speak(line, whose)
    await speech.forget(one, [f"{greeting.text} {own.text}"])
    assert set(mouth.objects.kept) == {greeting.text}
    await speech.speak(SpeakAsk(text="Spoken   for a page that names no interview."))
    await speech.forget(other, ["Spoken for a page that names no interview."])
    assert not mouth.objects.kept


async def test_what_was_taken_away_while_it_was_wanted_is_spoken_anew() -> None:
    mouth = Mouth()

    class Hasty(MemoryLines):
        """Another interview goes between a line being found and being read."""

        async def note(self, key: str, line: str, session_id: UUID | None) -> None:
            if not self.noted:
                await mouth.objects.delete(key)
            await super().note(key, line, session_id)

    speech = Speech(mouth, mouth.objects, MemoryObjects(), Hasty())  # type: ignore[arg-type]
    assert frames_of((await speech.speak(SpeakAsk(text=GREETING))).data) == len(GREETING)


async def test_what_cannot_be_deleted_keeps_nobody_from_being_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usecase, "FORGET_SECONDS", 0.05)

    class Away(MemoryLines):
        async def forget(self, session_id: UUID, lines: Any) -> list[str]:
            raise ConnectionError

    class Slow(MemoryObjects):
        async def delete(self, key: str) -> None:
            await asyncio.sleep(60)

    await Speech(Mouth(), MemoryObjects(), MemoryObjects(), Away()).forget(uuid4(), ["Hello."])  # type: ignore[arg-type]
    mouth, slow, one = Mouth(), Slow(), uuid4()
    mouth.objects = slow
    speech = Speech(mouth, slow, MemoryObjects(), MemoryLines())  # type: ignore[arg-type]
    await speech.speak(SpeakAsk(text=GREETING), one)
    async with asyncio.timeout(5):
        await speech.forget(one, [])
    assert slow.kept, "it vanishes by itself"
