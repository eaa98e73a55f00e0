"""The seam between the coach and whatever does the judging."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from contracts.coach.asks import Sketch
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.judgement import Feedback
from contracts.vocabulary.report import Report, Resource
from contracts.vocabulary.turn import TranscriptTurn, TurnContext


@dataclass(frozen=True)
class ReportMaterial:
    """All that a report is written from: the whole transcript with the feedback given."""

    config: SessionConfig
    turns: tuple[TranscriptTurn, ...]


class Finder(Protocol):
    """Finds three to six things to read or practise with, those for the weakest field first."""

    async def find(self, material: ReportMaterial) -> tuple[Resource, ...]:
        """Never empty: what cannot be found is taken from a curated list."""


class Engine(Protocol):
    """Judges answers and writes reports. Keeps nothing between calls."""

    async def evaluate(self, context: TurnContext) -> Feedback:
        """The feedback on the answer in `context`, against the question that was asked.

        Every quote in it occurs verbatim in the answer.
        """

    async def report(self, material: ReportMaterial) -> Report:
        """The report on a session, also on one without a single answer."""

    async def sketch(self, turn: TranscriptTurn, material: ReportMaterial) -> Sketch:
        """A better answer to the question of a turn that was answered, made of the candidate's own material only."""
