"""What practising on an interview takes and answers."""

from __future__ import annotations

from typing import Annotated

from contracts.coach.asks import Sketch
from contracts.vocabulary.judgement import Quote
from contracts.vocabulary.limits import MAX_ANSWER
from pydantic import BaseModel, Field, StringConstraints

from gateway.dialects.messages import FeedbackEntry


class AnswerText(BaseModel):
    """What an answer says; `answer` and `message` are other names of `text`."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)] = Field(max_length=MAX_ANSWER)


class SessionFeedback(BaseModel):
    """The feedback on each answer, in order and without holes."""

    feedback: list[FeedbackEntry]


class TurnChanged(BaseModel):
    """The turn whose answer is being judged anew."""

    message: str
    turn: int


class BetterAnswer(BaseModel):
    """A better answer from the candidate's own material: `quotes` are their words, `gaps` what they have to fill in."""

    turn: int
    text: str
    quotes: list[Quote]
    gaps: list[str]
    engine: str
    model: str | None
    degraded: bool

    @classmethod
    def of(cls, turn: int, sketch: Sketch) -> BetterAnswer:
        """Of a sketch."""
        origin = sketch.provenance
        return cls(
            turn=turn,
            text=sketch.text,
            quotes=list(sketch.quotes),
            gaps=list(sketch.gaps),
            engine=origin.engine if origin else "none",
            model=origin.model if origin else None,
            degraded=origin.degraded if origin else True,
        )


class ReportBegun(BaseModel):
    """The version of the report that is being written."""

    message: str
    version: int
