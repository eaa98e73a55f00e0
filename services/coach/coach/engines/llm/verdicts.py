"""What the models of the judging write. The order of the fields is the order in which they are written: evidence
before the level, so that the level follows from it."""

from __future__ import annotations

from typing import Any

from contracts.vocabulary.judgement import TOP_LEVEL
from models import Rejected
from pydantic import BaseModel, Field

from coach.said import Said

MAX_QUOTES = 3
NOT_SAID = "This passage of `quotes` is not in the answer, character by character: {quote!r}. Quote verbatim."


class Reference(BaseModel):
    """A very good answer, and what a listener would check."""

    answer: str
    points: list[str]


class _FalseFirst(BaseModel):
    """What is false, verbatim: looked for before anything is found good."""

    false_statements: list[str]


class Verdict(BaseModel):
    """One criterion."""

    quotes: list[str]
    explanation: str
    level: int | None = Field(ge=0, le=TOP_LEVEL)
    strength: str
    improvement: str


class DepthVerdict(Verdict, _FalseFirst):
    """With what is false, and with the numbers of the points that the answer speaks of rightly, from 1."""

    points_covered: list[int]


class StoryVerdict(Verdict):
    """With the words that tell each part of a story; empty where it is not told."""

    situation: str
    task: str
    action: str
    result: str


class Together(BaseModel):
    """All criteria at once, for an endpoint that works on one call at a time."""

    relevance: Verdict
    depth: DepthVerdict
    structure: Verdict
    evidence: Verdict
    clarity: Verdict


class TogetherOnStory(Together):
    """The same, with the parts of the story."""

    structure: StoryVerdict


class Insight(BaseModel):
    """Words of the candidate, and what they show."""

    quote: str
    shows: str


class ReportWords(BaseModel):
    """The words of a report."""

    summary: str
    patterns_tendencies: str
    strengths: list[str]
    weaknesses: list[str]
    improvement_focus_areas: list[str]
    recommendations: list[str]
    insights: list[Insight]


class SketchWords(BaseModel):
    """A better answer, and what it was made of."""

    text: str
    quotes: list[str]
    gaps: list[str]


class QuoteWatch:
    """Stops a verdict that quotes what was not said, as soon as its quotes are written. A quote of guessed words is no
    reason to: `verified` cuts them off."""

    def __init__(self, answer: Said) -> None:
        self._said = Said(answer.text, answer.text)
        self._checked = False

    async def restart(self) -> None:
        self._checked = False

    async def partial(self, fields: dict[str, Any]) -> None:
        """The quotes are complete once the next field has begun."""
        if self._checked or "explanation" not in fields:
            return
        self._checked = True
        for quote in fields.get("quotes") or []:
            if not isinstance(quote, str) or self._said.passage(quote) is None:
                raise Rejected(NOT_SAID.format(quote=str(quote)[:200]))


def verified(quotes: list[str], answer: Said) -> tuple[str, ...]:
    """The quotes as they stand in the answer, without guessed words; those that do not are dropped."""
    found = map(answer.passage, quotes)
    return tuple(dict.fromkeys(quote for quote in found if quote))[:MAX_QUOTES]
