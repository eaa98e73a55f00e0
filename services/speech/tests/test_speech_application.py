"""Which voice speaks, what is kept, and what is said where none can."""

from __future__ import annotations

import asyncio

from contracts.speech.asks import CapabilitiesAsk, SpeakAsk
from devkit.memory_objects import MemoryObjects
from speech.application import Speech
from speech.ports import Busy, Failed, Line, Speaker, SpeakerCapabilities, SpeechError


class FakeSpeaker(Speaker):
    """Says its own name and the text, or fails."""

    def __init__(self, name: str, *languages: str, fails: SpeechError | None = None, available: bool = True) -> None:
        self.name, self.fails, self.is_available = name, fails, available
        self.capabilities = SpeakerCapabilities(name, (), "one", frozenset(languages), ("wav",))
        self.spoken: list[Line] = []

    @property
    def available(self) -> bool:
        return self.is_available

    def identity(self, line: Line) -> str:
        return self.name

    async def speak(self, line: Line) -> bytes:
        self.spoken.append(line)
        await asyncio.sleep(0)
        if self.fails:
            raise self.fails
        return f"{self.name}: {line.text}".encode()


HELLO = SpeakAsk(text="  Hello\n there. ")


async def test_the_first_that_can_speaks_and_is_not_asked_twice() -> None:
    objects, first, second = MemoryObjects(), FakeSpeaker("first"), FakeSpeaker("second")
    speech = Speech([first, second], [], objects)
    spoken = await speech.speak(HELLO)
    assert spoken.key and objects.kept[spoken.key] == b"first: Hello there." and not spoken.cached
    again = await speech.speak(HELLO)
    assert again.key == spoken.key and again.cached and len(first.spoken) == 1 and not second.spoken
    other = await speech.speak(HELLO.model_copy(update={"speed": 1.5}))
    assert other.key != spoken.key


async def test_the_same_line_asked_for_at_once_is_spoken_once() -> None:
    speaker = FakeSpeaker("first")
    speech = Speech([speaker], [], MemoryObjects())
    asked = [asyncio.create_task(speech.speak(HELLO)) for _ in range(5)]
    await asyncio.sleep(0)
    asked[0].cancel()
    found = await asyncio.gather(*asked[1:])
    assert len({each.key for each in found}) == 1 and len(speaker.spoken) == 1


async def test_no_voice_speaks_another_language() -> None:
    english, german = FakeSpeaker("english", "en"), FakeSpeaker("german", "de")
    speech = Speech([english, german], [], MemoryObjects())
    assert (await speech.speak(HELLO.model_copy(update={"language": "de-AT"}))).provider == "german"
    assert (await speech.speak(HELLO.model_copy(update={"language": "hi"}))).refusal == "no_voice"
    assert (await speech.speak(HELLO.model_copy(update={"format": "mp3"}))).refusal == "no_voice"
    assert (await speech.speak(SpeakAsk(text=" \n "))).refusal == "no_voice"
    assert (await Speech([], [], MemoryObjects()).speak(HELLO)).refusal == "no_voice"


async def test_another_takes_the_place_of_one_that_fails() -> None:
    broken, other = FakeSpeaker("broken", fails=Failed("timeout")), FakeSpeaker("other")
    assert (await Speech([broken, other], [], MemoryObjects()).speak(HELLO)).provider == "other"
    out, fine = FakeSpeaker("out", available=False), FakeSpeaker("fine")
    assert (await Speech([out, fine], [], MemoryObjects()).speak(HELLO)).provider == "fine" and not out.spoken
    assert (await Speech([out], [], MemoryObjects()).speak(HELLO)).provider == "out", "rather than nobody"


async def test_where_none_can_it_is_said_why() -> None:
    busy, broken = FakeSpeaker("busy", fails=Busy(9)), FakeSpeaker("broken", fails=Failed("timeout"))
    objects = MemoryObjects()
    found = await Speech([busy, broken, FakeSpeaker("busier", fails=Busy(4))], [], objects).speak(HELLO)
    assert (found.refusal, found.retry_after, found.key) == ("busy", 4, None)
    assert (await Speech([broken], [], objects).speak(HELLO)).refusal == "failed" and objects.kept == {}


async def test_what_speaks_is_told() -> None:
    speech = Speech([FakeSpeaker("english", "en"), FakeSpeaker("any", available=False)], [], MemoryObjects())
    english, any_language = (await speech.capabilities(CapabilitiesAsk())).voices
    assert english.languages == ("en",) and english.available
    assert any_language.languages == () and not any_language.available
