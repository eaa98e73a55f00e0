"""Where in a stream somebody speaks."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

from speech.ports import SAMPLE_RATE, Samples, VoiceActivity

SURE, LIKELY = 0.5, 0.35
"""A frame begins speech from the first probability on, and goes on with it from the second."""
_ONSET = 3
"""Frames in a row that begin speech, a tenth of a second: a click does not."""


@dataclass(frozen=True)
class Stretch:
    """Speech from the sample `begin` of the stream to `end`, with no long pause in it."""

    begin: int
    end: int


class VoiceTrack:
    """The stretches of speech in what was heard so far; `pause` seconds of silence part them. All positions are
    samples of the stream."""

    def __init__(self, activity: VoiceActivity, pause: float) -> None:
        self._activity = activity
        self._pause = round(pause * SAMPLE_RATE)
        self._frame = activity.frame
        self._onset = _ONSET * self._frame
        self._run = 0
        self._spoken = -self._pause  # long ago
        self.judged = 0
        self.stretches: deque[Stretch] = deque()

    def hear(self, frame: Samples) -> None:
        """The next frame of the activity's size."""
        before, self.judged = self.judged, self.judged + self._frame
        goes_on = before - self._spoken < self._pause
        voiced = self._activity.probability(frame) >= (LIKELY if goes_on else SURE)
        self._run = self._run + 1 if voiced else 0
        if voiced and goes_on:
            begin = self.stretches.pop().begin if self.stretches else before
        elif self._run == _ONSET:
            begin = self.judged - self._onset
        else:
            return
        self._spoken = self.judged
        self.stretches.append(Stretch(begin, self.judged))

    def silences(self) -> Iterator[tuple[Stretch, int]]:
        """Each stretch, with the samples of silence after it so far."""
        following = [*(each.begin for each in self.stretches), self.judged][1:]
        for stretch, until in zip(self.stretches, following, strict=True):
            yield stretch, until - stretch.end

    def forget(self, until: int) -> None:
        """What was spoken before the sample `until`, and what is left of it if that is too short to be speech."""
        rest = (replace(each, begin=max(each.begin, until)) for each in self.stretches if each.end > until)
        self.stretches = deque(each for each in rest if each.end - each.begin >= self._onset)
        self._run = min(self._run, max(0, self.judged - until) // self._frame)
        if not self.stretches:
            self._spoken = -self._pause
