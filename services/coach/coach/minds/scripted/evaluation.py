"""From an answer to feedback."""

from __future__ import annotations

from contracts.interview import Criteria, Feedback, Provenance, Question, TurnContext, Utterance

from coach.minds.scripted import kinds, wording
from coach.minds.scripted.criteria import combined, completeness, is_technical, judge
from coach.minds.scripted.quoting import best_claims, quote
from coach.minds.scripted.reading import Reading, read
from coach.minds.scripted.text import sentences
from coach.minds.scripted.topic import topic_of

PROVENANCE = Provenance(mind="scripted")
EARLIER = 2000
"""Characters of the earlier answer that a follow-up without expectations is understood by."""


def evaluate(context: TurnContext) -> Feedback:
    """The feedback on the answer in `context`. The same for the same context, every time."""
    question, answer = context.question, context.answer
    if reason := kinds.not_judged(question, context.config, answer):
        return Feedback(judged=False, text=reason, provenance=PROVENANCE)
    parts = sentences(answer)
    if reason := kinds.unjudgeable(answer, parts, question):
        return _insufficient(reason, None)
    reading = read(answer, topic_of(question, context.config, _earlier_answer(context)), parts)
    if reason := kinds.too_little(answer, reading, question):
        return _insufficient(reason, reading)
    return _judged(answer, reading, question)


def _earlier_answer(context: TurnContext) -> str:
    said = (each.text for each in reversed(context.transcript[:-1]) if _is_answer(each))
    return next(said, "")[:EARLIER]


def _is_answer(utterance: Utterance) -> bool:
    return utterance.role == "candidate"


def _insufficient(reason: str, reading: Reading | None) -> Feedback:
    missing = tuple(wording.also(point) for point in reading.missing[:2]) if reading else ()
    return Feedback(judged=True, text=reason, improvements=missing, provenance=PROVENANCE)


def _judged(answer: str, reading: Reading, question: Question) -> Feedback:
    criteria = judge(reading, question.phase)
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
        quotes=tuple(quote(answer, claim, reading, technical) for claim in best),
        criteria=criteria,
        technical_accuracy=_accuracy(criteria),
        completeness=_completeness(reading, criteria),
        clarity=criteria.clarity or 0.0,
        provenance=PROVENANCE,
    )


def _accuracy(criteria: Criteria) -> float:
    """How far the answer speaks to the substance: a script cannot know whether it is right."""
    return round(0.6 * (criteria.depth or 0) + 0.4 * (criteria.relevance or 0), 3)


def _completeness(reading: Reading, criteria: Criteria) -> float:
    share = completeness(reading)
    return share if share is not None else criteria.depth or 0.0
