"""What the coach says about one answer."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from contracts.envelope import Contract
from contracts.vocabulary.provenance import Provenance

Evidence = Literal["sufficient", "insufficient"]


class Quote(Contract):
    """Words of the candidate, verbatim, and what they show."""

    text: str = Field(min_length=1)
    shows: str = ""


class Criteria(Contract):
    """Scores by criterion, 0 to 1; None where the answer gave no basis for one."""

    relevance: float | None = Field(None, ge=0, le=1)
    depth: float | None = Field(None, ge=0, le=1)
    structure: float | None = Field(None, ge=0, le=1)
    evidence: float | None = Field(None, ge=0, le=1)
    clarity: float | None = Field(None, ge=0, le=1)


CriterionName = Literal["relevance", "depth", "structure", "evidence", "clarity"]
TOP_LEVEL = 4
"""Levels of a criterion run from 0 to this; a criterion's score is its level divided by it."""


class Judgement(Contract):
    """The level of one criterion, the behaviour that describes the level, and the words that support it.

    `level` None: the answer gave not enough evidence. `quotes` occur verbatim in the answer.
    """

    criterion: CriterionName
    level: int | None = Field(None, ge=0, le=TOP_LEVEL)
    anchor: str = ""
    explanation: str = ""
    quotes: tuple[str, ...] = ()


class Star(Contract):
    """The parts of a story, each with the candidate's words that tell it; None where it was not told, and
    empty where it was told in words that were hardly understood."""

    situation: str | None = None
    task: str | None = None
    action: str | None = None
    result: str | None = None


class Delivery(Contract):
    """How something was said. Coaching only: no score uses it.

    `fillers` and `hedges` are counts, `pace` is in words a minute, `talk_share` is 0 to 1, `pauses` counts those of a
    second and more, and `longest_pause` is in seconds; None where there are no timings to tell.
    """

    words: int = 0
    fillers: int = 0
    hedges: int = 0
    fillers_per_100: float = 0.0
    hedges_per_100: float = 0.0
    longest_sentence: int = 0
    pace: float | None = None
    talk_share: float | None = None
    pauses: int | None = None
    longest_pause: float | None = None
    advice: tuple[str, ...] = ()


class Interval(Contract):
    """The range, 0 to 1, in which a person would put an answer four times of five."""

    low: float = Field(ge=0, le=1)
    high: float = Field(ge=0, le=1)

    @property
    def middle(self) -> float:
        """What stands for the range where a single number has to be shown."""
        return round((self.low + self.high) / 2, 3)


class Feedback(Contract):
    """The coach's view of one answer.

    `judged` False: a turn that is not an answer to be judged, and `text` says why. `score` is 0 to 1, and
    None whenever `evidence` is insufficient. Every quote occurs verbatim in the answer. `runs` is how many
    judgements the levels are the median of.
    """

    judged: bool
    text: str
    score: float | None = Field(None, ge=0, le=1)
    evidence: Evidence = "insufficient"
    strengths: tuple[str, ...] = ()
    improvements: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()
    criteria: Criteria = Criteria()
    technical_accuracy: float | None = Field(None, ge=0, le=1)
    completeness: float | None = Field(None, ge=0, le=1)
    clarity: float | None = Field(None, ge=0, le=1)
    provenance: Provenance
    analysis: str = ""
    judgements: tuple[Judgement, ...] = ()
    star: Star | None = None
    delivery: Delivery | None = None
    reference_answer: str = ""
    """What a good answer would have been, written before this one was judged. Not shown while the interview runs."""
    runs: int = 1
    interval: Interval | None = None
    """How certain the score is, where that was estimated. Without a score, there was content whose worth cannot be
    told: its middle may stand where a number has to be shown, and is in no mean."""

    @property
    def estimated(self) -> float | None:
        """The score, or the middle of the interval of an answer whose worth cannot be told; None where there is
        nothing to tell it by."""
        return self.score if self.score is not None or self.interval is None else self.interval.middle
