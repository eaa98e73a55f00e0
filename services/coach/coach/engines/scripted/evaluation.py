"""From an answer to feedback."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from contracts.vocabulary.judgement import Feedback, Interval
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.question import Question
from contracts.vocabulary.turn import TurnContext, Utterance
from parley_meaning import Encoder
from parley_text.guesses import veiled

from coach.delivery import delivery_of
from coach.engines.scripted import kinds, wording
from coach.engines.scripted.estimate import FAR, Coefficients, Estimate, coefficients, estimate
from coach.engines.scripted.features import features, numbers_in
from coach.engines.scripted.heard import Heard, hear
from coach.engines.scripted.judgements import judgements, quotes
from coach.engines.scripted.seen import Asked, Comparer, Seen
from coach.engines.scripted.story import star_of
from coach.phrases import Phrases, phrases
from coach.rubric import criteria_of, levels_of
from coach.said import sure_of
from coach.text import sentences

PROVENANCE = Provenance(engine="scripted")
EARLIER = 2000
"""Characters of the earlier answer that a follow-up is judged with."""


@dataclass(frozen=True)
class Reading:
    """An answer as the built-in coach sees it.

    `speaks_to` holds, for each expected point, the place of the sentence that speaks of it, or None, and `nearest` how
    near one comes to it; `telling` how much each sentence tells of a case, above 0 more than it says nothing;
    `numbers` how many numbers it gives.
    """

    heard: Heard
    asked: Asked
    seen: Seen
    estimate: Estimate
    speaks_to: tuple[int | None, ...]
    nearest: tuple[float, ...]
    telling: tuple[float, ...]
    numbers: tuple[int, ...]
    by: Coefficients

    @property
    def recognised(self) -> tuple[int, ...]:
        """The points that the answer speaks of."""
        return tuple(point for point, place in enumerate(self.speaks_to) if place is not None)

    @property
    def missing(self) -> tuple[str, ...]:
        """The points that nothing in it comes near to, in the order of the question. Between these and the ones that
        are recognised lie those of which the coach cannot tell, and does not speak."""
        near = zip(self.points, self.nearest, strict=True)
        return tuple(point for point, nearest in near if nearest < self.by.absent)

    @property
    def completeness(self) -> float | None:
        """The share of points that the answer speaks of, among those of which the coach can tell. Introductions say who
        somebody is in words that are near to no point."""
        told = len(self.recognised) + len(self.missing)
        return round(len(self.recognised) / told, 3) if told and self.asked.kind != "introduction" else None

    @property
    def points(self) -> tuple[str, ...]:
        """The expected points as they are said to the candidate."""
        return wording.to_you(self.asked)


class Judge:
    """Judges answers by meaning: what they are near to, not which words they have."""

    def __init__(self, encoder: Encoder) -> None:
        self._comparer = Comparer(encoder, models=coefficients())

    async def evaluate(self, context: TurnContext) -> Feedback:
        """The feedback on the answer in `context`. How it was said is told of everything that has words, and counts
        for nothing."""
        sure = sure_of(context.answer, context.spoken)
        delivery = delivery_of(sure, context.config.language, context.spoken)
        return (await self._evaluate(context, sure)).model_copy(update={"delivery": delivery})

    async def read(self, question: Question, answer: str, earlier: str = "") -> Reading | None:
        """The reading of an answer, its guessed words veiled; None where nothing in it counts."""
        heard = hear(answer)
        return await self._read(heard, Asked.of(question, earlier)) if heard.sentences else None

    async def _evaluate(self, context: TurnContext, answer: str) -> Feedback:
        """`answer` is without what was hardly understood."""
        question, say = context.question, phrases(context.config.language)
        reason = kinds.not_judged(question, context.config, answer) or kinds.not_heard(
            context.answer, context.spoken, say
        )
        if reason:
            return Feedback(judged=False, text=reason, provenance=PROVENANCE)
        parts = sentences(answer)
        if reason := kinds.unjudgeable(answer, parts, question, say):
            return _without_score(reason)
        heard = hear(answer, parts)
        if reason := kinds.too_little(answer, heard, question, say):
            return _without_score(reason)
        spoken = kinds.language_of(answer, context.config.language)
        reading = await self._read(heard, Asked.of(question, _earlier_answer(context), spoken or "en"))
        if spoken not in reading.by.languages:
            return Feedback(
                judged=True,
                text=wording.in_language(reading, spoken, say),
                interval=_interval(reading),
                reference_answer=wording.reference_answer(reading.asked),
                provenance=PROVENANCE,
            )
        if not reading.estimate.certain:
            return _abstaining(answer, reading, say)
        return _scored(answer, reading, question, say)

    async def _read(self, heard: Heard, asked: Asked) -> Reading:
        seen = await self._comparer.see(heard, asked)
        by = coefficients()[seen.model]
        near = seen.sentences @ seen.points.T
        numbers = tuple(numbers_in(each, asked) for each in heard.sentences)
        told = by.telling(seen.sentences)
        return Reading(
            heard=heard,
            asked=asked,
            seen=seen,
            estimate=estimate(features(seen, heard, asked, told), asked, by),
            speaks_to=tuple(
                int(column.argmax()) if column.max() > by.recognised else None for column in np.asarray(near).T
            ),
            nearest=tuple(map(float, near.max(axis=0))) if len(asked.points) else (),
            # A greeting or a name tells nothing, whatever direction its few words point in.
            telling=tuple(
                float(each) if given or len(sentence.content) >= kinds.MIN_STEMS else -FAR
                for sentence, each, given in zip(heard.sentences, told, numbers, strict=True)
            ),
            numbers=numbers,
            by=by,
        )


def _earlier_answer(context: TurnContext) -> str:
    before: Sequence[Utterance] = context.transcript[:-1]
    said = (veiled(each.text, each.unsure) for each in reversed(before) if each.role == "candidate")
    return next(said, "")[:EARLIER]


def _without_score(reason: str) -> Feedback:
    return Feedback(judged=True, text=reason, provenance=PROVENANCE)


def _abstaining(answer: str, reading: Reading, say: Phrases) -> Feedback:
    """There is content, but what it is worth cannot be told."""
    return Feedback(
        judged=True,
        text=wording.uncertain(reading, say),
        interval=_interval(reading),
        quotes=quotes(answer, reading),
        improvements=wording.tips(reading, say)[:2],
        reference_answer=wording.reference_answer(reading.asked),
        provenance=PROVENANCE,
    )


def _scored(answer: str, reading: Reading, question: Question, say: Phrases) -> Feedback:
    judged = judgements(reading, question.phase)
    return Feedback(
        judged=True,
        text=wording.feedback_text(reading, say),
        score=reading.estimate.score,
        evidence="sufficient",
        interval=_interval(reading),
        strengths=wording.strengths(reading, say),
        improvements=wording.tips(reading, say),
        quotes=quotes(answer, reading),
        criteria=criteria_of(levels_of(judged)),
        completeness=reading.completeness,
        analysis=wording.analysis(reading, question, judged),
        judgements=judged,
        star=star_of(reading),
        reference_answer=wording.reference_answer(reading.asked),
        provenance=PROVENANCE,
    )


def _interval(reading: Reading) -> Interval:
    return Interval(low=reading.estimate.low, high=reading.estimate.high)
