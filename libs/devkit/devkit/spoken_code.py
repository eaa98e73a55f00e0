"""Audio that tests can make of any words, and that servers and recognisers of tests turn back into these words.

One channel of 16-bit samples at 16 kHz. A character is CHARACTER seconds of one value, CODE plus its number; silence is
0. Words are GAP seconds apart. What is not this code, such as real speech, holds no words.
"""

from __future__ import annotations

import array
import io
import wave
from dataclasses import dataclass
from itertools import groupby

RATE = 16_000
CHARACTER = 0.04
GAP = 0.08
CODE = 8192
_SAMPLES = int(CHARACTER * RATE)


@dataclass(frozen=True)
class SpokenWord:
    """A word, from `start` to `end` in seconds of what was heard."""

    text: str
    start: float
    end: float


def silence(seconds: float) -> bytes:
    """PCM without a word."""
    return bytes(2 * round(seconds * RATE))


def encode(text: str) -> bytes:
    """PCM of the words, with a gap after each. Raises OverflowError for characters past U+5FFF."""
    said = bytearray()
    for word in text.split():
        for character in word:
            said += array.array("h", [CODE + ord(character)] * _SAMPLES).tobytes()
        said += silence(GAP)
    return bytes(said)


def floats(pcm: bytes) -> array.array[float]:
    """The same samples between -1 and 1, as 32-bit floats: `numpy.asarray` takes them as they are."""
    return array.array("f", (value / 32768 for value in array.array("h", pcm)))


def decode(pcm: bytes) -> list[SpokenWord]:
    """All words, the last one as far as it goes."""
    ear = Ear()
    ear.hear(pcm)
    return ear.words + ([ear.saying] if ear.saying else [])


def wav(pcm: bytes) -> bytes:
    """The samples as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE)
        written.writeframes(pcm)
    return file.getvalue()


def unwav(file: bytes) -> bytes:
    """The samples of such a file. Raises ValueError for any other."""
    try:
        with wave.open(io.BytesIO(file)) as read:
            if read.getparams()[:3] != (1, 2, RATE):
                raise ValueError("not one channel of 16-bit samples at 16 kHz")
            return bytes(read.readframes(read.getnframes()))
    except (wave.Error, EOFError) as error:
        raise ValueError("not a WAV file") from error


class Ear:
    """Decodes piece by piece, wherever the pieces are cut. `words` are those that are complete."""

    def __init__(self) -> None:
        self.words: list[SpokenWord] = []
        self.heard = 0
        """Samples so far."""
        self._said, self._from, self._until = "", 0, 0
        self._value, self._run = 0, 0

    @property
    def saying(self) -> SpokenWord | None:
        """The word that is not complete yet, as far as it goes."""
        said, start, until = self._with_run()
        return SpokenWord(said, start / RATE, until / RATE) if said else None

    def hear(self, pcm: bytes) -> None:
        """More of it, in whole samples."""
        for value, run in groupby(array.array("h", pcm)):
            if value != self._value:
                self._said, self._from, self._until = self._with_run()
                self._value, self._run = value, 0
            length = sum(1 for _ in run)
            self._run += length
            self.heard += length
            if self._value <= CODE and self._run >= _SAMPLES // 2 and self.saying:
                self.words.append(self.saying)
                self._said = ""

    def _with_run(self) -> tuple[str, int, int]:
        """The word with the value that is heard now: its text, and samples from and to. A short run is noise."""
        said = chr(self._value - CODE) * round(self._run / _SAMPLES) if self._value > CODE else ""
        if not said:
            return self._said, self._from, self._until
        return self._said + said, self._from if self._said else self.heard - self._run, self.heard
