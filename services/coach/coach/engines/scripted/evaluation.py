"""From an answer to feedback."""

from __future__ import annotations

from contracts.vocabulary.judgement import Feedback
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.question import Question
from contracts.vocabulary.turn import TurnContext, Utterance
from parley_text.guesses import veiled

from coach.delivery import delivery_of
from coach.engines.scripted import kinds, wording
from coach.engines.scripted.criteria import levels
from coach.engines.scripted.judgements import analysis, judgements, reference_answer
from coach.engines.scripted.quoting import best_claims, quotes
from coach.engines.scripted.reading import Reading, read
from coach.engines.scripted.story import star_of
from coach.engines.scripted.topic import topic_of
from coach.rubric import combined, completeness, criteria_of, is_technical, tells_a_story
from coach.said import sure_of
from coach.text import sentences

PROVENANCE = Provenance(engine="scripted")
EARLIER = 2000
"""Characters of the earlier answer that a follow-up without expectations is understood by."""


def evaluate(context: TurnContext) -> Feedback:
    """The feedback on the answer in `context`. The same for the same context, every time.

    How it was said is told of everything that has words, and counts for nothing.
    """
    sure = sure_of(context.answer, context.spoken)
    delivery = delivery_of(sure, context.config.language, context.spoken)
    return _evaluate(context, sure).model_copy(update={"delivery": delivery})


def _evaluate(context: TurnContext, answer: str) -> Feedback:
    """`answer` is without what was hardly understood."""
    question = context.question
    reason = kinds.not_judged(question, context.config, answer) or kinds.not_heard(context.answer, context.spoken)
    if reason:
        return Feedback(judged=False, text=reason, provenance=PROVENANCE)
    parts = sentences(answer)
    if reason := kinds.unjudgeable(answer, parts, question):
        return _insufficient(reason, None)
    reading = read(
        answer, topic_of(question, context.config, _earlier_answer(context)), parts, story=tells_a_story(question.phase)
    )
    if reason := kinds.too_little(answer, reading, question):
        return _insufficient(reason, reading)
    return _judged(answer, reading, question)


def _earlier_answer(context: TurnContext) -> str:
    said = (veiled(each.text, each.unsure) for each in reversed(context.transcript[:-1]) if _is_answer(each))
    return next(said, "")[:EARLIER]


def _is_answer(utterance: Utterance) -> bool:
    return utterance.role == "candidate"


def _insufficient(reason: str, reading: Reading | None) -> Feedback:
    missing = tuple(wording.also(point) for point in reading.missing[:2]) if reading else ()
    return Feedback(judged=True, text=reason, improvements=missing, provenance=PROVENANCE)


def _judged(answer: str, reading: Reading, question: Question) -> Feedback:
    reached = levels(reading, question.phase)
    criteria = criteria_of(reached)
    judged = judgements(reading, reached, question.phase)
    better = wording.improvements(reading, criteria, question)
    technical = is_technical(question.phase)
    best = best_claims(reading, technical)
    return Feedback(
        judged=True,
        text=wording.feedback_text(reading, best, criteria, better, technical),
        score=combined(criteria, question.phase),
        evidence="sufficient",
        strengths=wording.strengths(best, reading, technical),
        improvements=better,
        quotes=quotes(answer, best, reading, technical),
        criteria=criteria,
        completeness=completeness(len(reading.points), reading.expected, criteria),
        clarity=criteria.clarity,
        analysis=analysis(judged, reading, question),
        judgements=judged,
        star=star_of(reading) if tells_a_story(question.phase) else None,
        reference_answer=reference_answer(question),
        provenance=PROVENANCE,
    )
