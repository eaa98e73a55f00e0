"""A voice and recognisers that run here, with real models: what one says, the other understands."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hearing import samples, silence, word_error_rate
from speech.ports import (
    SAMPLE_RATE,
    Failed,
    Final,
    Line,
    Recording,
    Samples,
    SpeechStarted,
    StreamEvent,
    UtteranceEnded,
    VoiceActivity,
)
from speech.providers.kokoro import KokoroSpeaker
from speech.providers.silero import SileroActivity
from speech.providers.whisper import WhisperTranscriber

SENTENCES = (
    "Tell me about a project in which you had to change your plan, and what came of it.",
    "We moved forty million rows, and five percent of them had to be repaired by hand.",
)
PRODUCTS = "We keep orders in PostgreSQL, sessions in Redis, and run all of it on Kubernetes."


def line(text: str, **changes: object) -> Line:
    return Line(**{"text": text, "language": "en", "voice": "", "speed": 1.0, "format": "wav", **changes})


def utterances(librivox: Path) -> list[tuple[str, Samples]]:
    # The transcription has a word that is not read.
    written = (librivox / "transcription").read_text().replace("a more a amiable", "a more amiable")
    found = re.findall(r"<s> (.*) </s> \((.*)\)", written)
    return [(said, samples((librivox / f"{name}.wav").read_bytes())) for said, name in found]


async def listened(whisper: WhisperTranscriber, audio: Samples) -> list[StreamEvent]:
    stream = await whisper.listen("en")

    async def send() -> None:
        for at in range(0, len(audio), SAMPLE_RATE // 10):
            await stream.send(audio[at : at + SAMPLE_RATE // 10])
        await stream.end()

    sending = asyncio.create_task(send())
    events = [each async for each in stream.events()]
    await sending
    return events


def finals(events: list[StreamEvent]) -> list[Final]:
    return [each for each in events if isinstance(each, Final)]


@pytest.mark.parametrize(("form", "beginning"), [("wav", b"RIFF"), ("mp3", b"ID3")])
async def test_what_kokoro_says_whisper_understands(
    kokoro: KokoroSpeaker, whisper: WhisperTranscriber, form: str, beginning: bytes
) -> None:
    for sentence in SENTENCES:
        audio = await kokoro.speak(line(sentence, format=form))
        assert audio.startswith(beginning) and b"synthetic speech" in audio[:100]
        heard = await whisper.transcribe(Recording(samples(audio), "en"))
        assert word_error_rate(sentence, heard.text) < 0.1


async def test_names_of_products_are_understood_with_a_hint(kokoro: KokoroSpeaker, whisper: WhisperTranscriber) -> None:
    audio = samples(await kokoro.speak(line(PRODUCTS, voice="Matthew")))
    heard = await whisper.transcribe(Recording(audio, "en", ("PostgreSQL", "Redis", "Kubernetes")))
    assert word_error_rate(PRODUCTS, heard.text) < 0.1


async def test_a_long_text_is_said_in_parts(kokoro: KokoroSpeaker, whisper: WhisperTranscriber) -> None:
    text = " ".join(SENTENCES * 2)
    heard = await whisper.transcribe(Recording(samples(await kokoro.speak(line(text))), "en"))
    assert word_error_rate(text, heard.text) < 0.1


async def test_numbers_without_a_space_in_them_are_said_too(kokoro: KokoroSpeaker) -> None:
    assert len(samples(await kokoro.speak(line("7" * 75)))) > 20 * SAMPLE_RATE


async def test_speed_changes_how_long_it_takes(kokoro: KokoroSpeaker) -> None:
    slow, fast = [len(await kokoro.speak(line(SENTENCES[0], speed=speed))) for speed in (0.5, 2.0)]
    assert slow > 2 * fast


async def test_what_cannot_be_said_is_a_failure(kokoro: KokoroSpeaker) -> None:
    with pytest.raises(Failed):
        await kokoro.speak(line("😀"))


def test_each_voice_of_others_is_one_of_its_own(kokoro: KokoroSpeaker) -> None:
    def voice(name: str, language: str = "en-US") -> str:
        return kokoro.identity(line("", voice=name, language=language)).split()[-1]

    assert [voice(name) for name in ("bf_emma", "Emma", "Joanna", "alloy", "matthew")] == [
        "bf_emma",
        "bf_emma",
        "af_heart",
        "af_alloy",
        "am_michael",
    ]
    assert (voice("nobody"), voice("nobody", "en-GB"), voice("alloy", "en-GB")) == ("af_heart", "bf_emma", "af_alloy")
    assert kokoro.capabilities.serves(line("", language="en-GB")) and not kokoro.capabilities.serves(
        line("", language="de")
    )


async def test_read_sentences_are_understood(whisper: WhisperTranscriber, librivox: Path) -> None:
    heard = {said: await whisper.transcribe(Recording(audio, "en")) for said, audio in utterances(librivox)}
    errors = word_error_rate(" ".join(heard), " ".join(each.text for each in heard.values()))
    assert errors < 0.05
    for each in heard.values():
        assert each.confidence > 0.7 and " ".join(word.text for word in each.words) == each.text
        assert all(0 <= word.start <= word.end <= each.duration for word in each.words)


@pytest.mark.parametrize("pause", [0.5, 2.0])
async def test_they_are_understood_while_they_are_read(
    whisper: WhisperTranscriber, librivox: Path, pause: float
) -> None:
    spoken = utterances(librivox)
    audio = np.concatenate([part for _, each in spoken for part in (each, silence(pause))])
    events = await listened(whisper, audio)
    heard = finals(events)
    assert word_error_rate(" ".join(said for said, _ in spoken), " ".join(each.text for each in heard)) < 0.05
    words = [word for each in heard for word in each.words]
    assert all(one.start <= two.start for one, two in itertools.pairwise(words))
    assert sum(isinstance(each, UtteranceEnded) for each in events) == (5 if pause > 1.5 else 0)


async def test_another_stream_takes_over_where_the_last_final_ends(whisper: WhisperTranscriber, librivox: Path) -> None:
    spoken = utterances(librivox)
    audio = np.concatenate([part for _, each in spoken for part in (each, silence(0.5))])
    first = finals(await listened(whisper, audio))[0]
    rest = finals(await listened(whisper, audio[round(first.until * SAMPLE_RATE) :]))
    text = " ".join(each.text for each in (first, *rest))
    assert rest and word_error_rate(" ".join(said for said, _ in spoken), text) < 0.05


def noises() -> dict[str, Samples]:
    chance = np.random.default_rng(7)
    seconds = np.arange(8 * SAMPLE_RATE) / SAMPLE_RATE
    chord = sum(np.sin(2 * np.pi * hertz * seconds) for hertz in (262, 330, 392))
    return {
        "an hour of silence": silence(3600),
        "white noise": chance.normal(0, 0.1, len(seconds)).astype(np.float32),
        "a quiet room": chance.normal(0, 0.001, len(seconds)).astype(np.float32),
        "a tone": (0.3 * np.sin(2 * np.pi * 440 * seconds)).astype(np.float32),
        "a chord that beats": (0.1 * chord * (np.sin(4 * np.pi * seconds) > 0)).astype(np.float32),
        # This one passes for speech: only the recogniser itself can tell.
        "a growl": (0.3 * np.sin(300 * np.pi * seconds) * (1 + np.sin(8 * np.pi * seconds))).astype(np.float32),
    }


@pytest.mark.parametrize("noise", noises())
async def test_nothing_is_made_up_for_what_is_no_speech(whisper: WhisperTranscriber, noise: str) -> None:
    audio = noises()[noise]
    heard = await whisper.transcribe(Recording(audio, "en", ("PostgreSQL", "Redis")))
    assert (heard.text, heard.words, heard.duration) == ("", (), len(audio) / SAMPLE_RATE)
    assert finals(await listened(whisper, audio[: 8 * SAMPLE_RATE])) == []


async def test_nothing_is_made_up_for_a_long_pause(whisper: WhisperTranscriber, librivox: Path) -> None:
    (one, first), (two, second), *_ = utterances(librivox)
    audio = np.concatenate([silence(20), first, silence(40), second, silence(30)])
    heard = await whisper.transcribe(Recording(audio, "en"))
    assert word_error_rate(f"{one} {two}", heard.text) < 0.1
    later = [word for word in heard.words if word.start > 60]
    assert heard.words[0].start > 19.5 and len(later) == pytest.approx(len(two.split()), abs=2)


async def test_the_language_is_found_out(whisper: WhisperTranscriber, librivox: Path) -> None:
    said, audio = utterances(librivox)[0]
    heard = await whisper.transcribe(Recording(audio))
    assert heard.language == "en" and word_error_rate(said, heard.text) < 0.1


def test_silero_tells_speech_from_silence(activity: Callable[[], VoiceActivity], librivox: Path) -> None:
    detector = activity()
    assert isinstance(detector, SileroActivity)

    def share(audio: Samples) -> float:
        starts = range(0, len(audio) - detector.frame, detector.frame)
        return float(np.mean([detector.probability(audio[at : at + detector.frame]) > 0.5 for at in starts]))

    said = share(utterances(librivox)[0][1])
    detector.reset()
    assert said > 0.75 and share(silence(2)) == 0


async def test_who_speaks_is_noticed_at_once(whisper: WhisperTranscriber, librivox: Path) -> None:
    audio = np.concatenate([silence(3), utterances(librivox)[0][1]])
    started = next(each for each in await listened(whisper, audio) if isinstance(each, SpeechStarted))
    assert started.at == pytest.approx(3.35, abs=0.15)
