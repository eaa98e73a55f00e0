"""Feedback in words: second person, kind, and about this answer only."""

from __future__ import annotations

import re

from contracts.vocabulary.judgement import Criteria
from contracts.vocabulary.question import Question
from parley_text.sentences import MARKS

from coach.engines.scripted.criteria import kinds_missing
from coach.engines.scripted.lexicon import PAST_ACTIONS, SAME_IN_PAST
from coach.engines.scripted.quoting import in_words, mark_shown
from coach.engines.scripted.reading import Claim, Reading
from coach.engines.scripted.signs import Mark
from coach.engines.scripted.story import star_of
from coach.rubric import CRITERIA, anchor, is_technical, missing_parts
from coach.rubric.star import StarPart

SHORT_QUOTE = 110
_THIRD_PERSON = re.compile(r"^(?:\w+ly )?[A-Za-z-]+s\b|^Never\b|^Also\b")
_HOW = {
    Mark.SITUATION: "Set the scene in one sentence: where this was, when, and what was at stake.",
    Mark.TASK: "Say what your own task was, so that it is clear what you were responsible for.",
    Mark.ACTION: "Say what you did yourself, sentence by sentence, with “I” instead of “we”.",
    Mark.RESULT: "End with the result: what changed because of it, if possible as a before and an after.",
    Mark.REASON: "Give the reason for each choice: “I would do this because …”.",
    Mark.ORDER: "Put the steps in order: what comes first, what next, and how you check it in the end.",
    Mark.TRADE_OFF: "Name what your solution costs, and when you would choose another one.",
}
_EVIDENCE_HOW = {
    "a technique or tool by its name": "Name the technique or tool that you would use, and what it is for.",
    "what you yourself did": "Say what you did yourself: “I decided …”, “I asked …”, “I built …”.",
    "a number": "Put a number to it: how many, how long, how much before and after.",
    "the result": "Say what came of it: what would be better, faster or safer in the end.",
    "a case or an example": "Tie it to a case from your own work: when and where you met this.",
    "a real case": "Tell one case that really happened: when and where it was, and who was there.",
}
_BY_IMPORTANCE: dict[StarPart, Mark] = {
    "result": Mark.RESULT,
    "action": Mark.ACTION,
    "situation": Mark.SITUATION,
    "task": Mark.TASK,
}
_CLARITY_HOW = "Use shorter sentences, one thought each: the listener has to follow by ear."


def strengths(best: list[Claim], reading: Reading, technical: bool) -> tuple[str, ...]:
    """What was good, each with the words that show it."""
    return tuple(_strength(claim, reading, technical) for claim in best)


def _strength(claim: Claim, reading: Reading, technical: bool) -> str:
    words = in_words(claim.sentence, SHORT_QUOTE)
    if claim.points:
        return f"You speak to a key point ({bare(reading.topic.texts[claim.points[0]])}): {words}"
    mark = mark_shown(claim, technical)
    return f"You give {mark.value}: {words}" if mark else f"You say: {words}"


def improvements(reading: Reading, criteria: Criteria, question: Question) -> tuple[str, ...]:
    """What would make the answer stronger: what is missing, most important first."""
    technical = is_technical(question.phase)
    building = [_HOW[part] for part in _parts_missing(reading, technical)]
    evidence = _evidence_missing(reading, question)
    if technical and not reading.worked_out:
        ordered = [*map(also, reading.missing[:3]), *building[:1], *evidence[:1]]
    else:
        ordered = [*building[:2], *evidence[:1], *(_unheard(reading, point) for point in reading.missing[:2])]
    if criteria.clarity is not None and criteria.clarity <= 0.5:
        ordered.append(_clearer(reading))
    return tuple(dict.fromkeys(ordered))[:5]


def also(point: str) -> str:
    """The advice to speak of an expected point."""
    return f"A strong answer also {shows(point)}."


def _unheard(reading: Reading, point: str) -> str:
    """An answer with much detail may well contain a point in words in which it is not recognised."""
    return f"If you meant it, say it outright: a strong answer {shows(point)}." if reading.worked_out else also(point)


def shows(point: str) -> str:
    """An expected point as what an answer does: "names the cost", "shows how you asked", "covers this: the cost"."""
    if _THIRD_PERSON.match(point):
        return bare(point)
    first = bare(point).split(" ", 1)[0]
    past = first.endswith("ed") or first in PAST_ACTIONS or first in SAME_IN_PAST
    return f"shows how you {bare(point)}" if past else f"covers this: {bare(point)}"


def bare(point: str) -> str:
    """A point as a part of a sentence."""
    first = point.split(" ", 1)[0]
    lowered = point if len(first) > 1 and first[1:] != first[1:].lower() else point[:1].lower() + point[1:]
    return lowered.rstrip(". ")


def _parts_missing(reading: Reading, technical: bool) -> list[Mark]:
    if technical:
        return [part for part in (Mark.REASON, Mark.TRADE_OFF, Mark.ORDER) if part not in reading.marks]
    missing = missing_parts(star_of(reading))
    return [mark for part, mark in _BY_IMPORTANCE.items() if part in missing]


def _evidence_missing(reading: Reading, question: Question) -> list[str]:
    technical = is_technical(question.phase)
    told = () if technical else ("what you yourself did", "the result")
    return [_EVIDENCE_HOW[kind] for kind in kinds_missing(reading, technical) if kind not in told]


def _clearer(reading: Reading) -> str:
    spoken = sum(len(claim.sentence.words) for claim in reading.claims)
    return "Say a little more: two or three sentences that build on each other." if spoken < 30 else _CLARITY_HOW


def feedback_text(
    reading: Reading, best: list[Claim], criteria: Criteria, better: tuple[str, ...], technical: bool
) -> str:
    """Two to four sentences: what was there, what is missing, and what to do about it."""
    parts = [
        _what_was_there(reading, best),
        _lowest(reading, criteria, technical),
        *better[:1],
        *_asides(reading),
    ]
    return " ".join(part for part in parts if part)


def _what_was_there(reading: Reading, best: list[Claim]) -> str:
    if not best:
        return f"You said {in_words(reading.said[0], 60)}, which does not yet answer what was asked."
    words = in_words(max(best, key=lambda claim: len(claim.points)).sentence, SHORT_QUOTE)
    words += "" if words.endswith(tuple(f"{mark}”" for mark in MARKS)) else "."
    spoken, total = len(reading.points), reading.expected
    if not total or (reading.worked_out and not spoken):
        return f"The most telling part of your answer is {words}"
    if reading.worked_out and spoken * 2 < total:
        return f"You work the question out in detail, most tellingly with {words}"
    if spoken:
        return f"You speak to {spoken} of {total} key points, most clearly with {words}"
    return f"You come closest with {words} It does not yet reach one of the {total} key points."


def _lowest(reading: Reading, criteria: Criteria, technical: bool) -> str:
    values = {name: value for name in CRITERIA if (value := getattr(criteria, name)) is not None}
    name = min(values, key=lambda each: values[each])
    level = round(values[name] * 4)
    if level == 4:
        return "It meets the top level of every criterion."
    lacking = _lacking(reading, technical) if name == "evidence" else ""
    words = anchor(name, level, "technical" if technical else "behavioral")
    return f"The lowest criterion is {name} ({level} of 4): {words}{lacking}."


def _lacking(reading: Reading, technical: bool) -> str:
    kinds = kinds_missing(reading, technical)
    return f", and a listener misses {' and '.join(kinds[:2])}" if kinds else ""


def _asides(reading: Reading) -> list[str]:
    if any(sentence.guesses for sentence in reading.said):
        return ["I could not make out a few words for certain, so they counted neither way; correct them, and they do."]
    if reading.retractions:
        return ["What you took back was not counted."]
    if reading.appeals:
        return ["What was addressed to the grader instead of the question was left out."]
    if reading.lists:
        return ["Keywords in a row were not counted; say in a sentence what each is for."]
    if reading.repeats:
        return ["What you said twice was counted once."]
    return []
