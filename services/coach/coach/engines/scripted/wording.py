"""Feedback in words: second person, kind, about this answer only, and never more certain than the coach is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from contracts.vocabulary.judgement import TOP_LEVEL, CriterionName, Judgement
from contracts.vocabulary.question import Question
from models import language_name
from parley_text.sentences import MARKS

from coach.engines.scripted import judgements, story
from coach.engines.scripted.seen import Asked
from coach.quotes import at_word, shortened
from coach.text import Sentence

if TYPE_CHECKING:
    from coach.engines.scripted.evaluation import Reading

SHORT = 110
GOOD = 0.6
"""From this score on what was not recognised may well have been said in other words."""
MOST_TIPS = 4
_THIRD_PERSON = re.compile(r"^(?:\w+ly )?[A-Za-z-]+s\b|^Never\b|^Also\b")
NOT_CHECKED = "I cannot check whether it is correct."
_RESULT = "Say how it ended: what changed, for whom, and how you know."
_FIGURE = "If you have a figure for that, give it: how many, how long, or before and after."
_CASE = {
    "story": "Pick one real occasion and tell that one: what you saw, what you did, what happened then.",
    "knowledge": "Say what exactly you would do here, in this case, instead of how one goes about such things.",
    "introduction": "Name one piece of work that you did and what came of it; it says more than any adjective.",
}


def feedback_text(reading: Reading) -> str:
    """Two to four sentences: what came across, what did not, and one thing to do about it."""
    advice = tips(reading)
    last = advice[:1] or (_rest(reading),)
    return " ".join(filter(None, [_came_across(reading), _limits(reading), *last, *_asides(reading)]))


def _came_across(reading: Reading) -> str:
    recognised, points = len(reading.recognised), len(reading.asked.points)
    best = _best(reading)
    if reading.estimate.on_subject < 0.5:
        return "This seems to be about something other than the question."
    if best is None:
        said = quoted(reading.heard.sentences[0], 60)
        return f"What you say would fit many questions; I found nothing that belongs to this one alone, as in {said}"
    words = quoted(best)
    if recognised and reading.asked.kind != "introduction":
        return f"I recognise {recognised} of the {points} points that a strong answer makes, most clearly here: {words}"
    return f"The part that tells most is this: {words}"


def _rest(reading: Reading) -> str:
    """Points that are neither recognised nor missing for certain, where nothing else is to be said."""
    left = len(reading.asked.points) - len(reading.recognised)
    if not left or not reading.recognised or reading.asked.kind == "introduction":
        return ""
    others, it = ("other one", "it") if left == 1 else (f"other {left}", "them")
    return f"About the {others} I cannot tell; you may have made {it} in words that I do not know."


def _limits(reading: Reading) -> str:
    return NOT_CHECKED if reading.asked.kind == "knowledge" and reading.estimate.score >= 0.5 else ""


def uncertain(reading: Reading) -> str:
    """Where an answer has content that cannot be placed."""
    best = _best(reading)
    known = [bare(reading.points[point]) for point in reading.recognised[:2]]
    if known:
        return (
            f"I recognised this: {'; '.join(known)}. About the rest I cannot tell whether it answers the question, so "
            "there is no score. It may well do so in words that I do not know."
        )
    words = f" ({quoted(best)})" if best else ""
    return (
        f"I cannot tell how what you say{words} answers the question, so there is no score. "
        "If it does, begin with the sentence that answers it."
    )


def in_language(reading: Reading, code: str) -> str:
    """Where an answer is in a language in which the coach was never measured."""
    known = [bare(reading.points[point]) for point in reading.recognised[:3]]
    heard = f" I did recognise this: {'; '.join(known)}." if known else ""
    spoken = f"answers in {language_name(code)}" if code else "answers in this language"
    return (
        f"I have not been tested on {spoken}, so there is no score: it would not be fair.{heard} "
        "Your answer is kept as you gave it."
    )


def strengths(reading: Reading) -> tuple[str, ...]:
    """What came across, each with the words that show it; nothing where little did."""
    if reading.estimate.score < 0.4:
        return ()
    found: dict[int, str] = {}
    for point in reading.recognised:
        place = reading.speaks_to[point]
        if place is not None and place not in found:
            words = quoted(reading.heard.sentences[place])
            found[place] = f"You make a point that matters here ({bare(reading.points[point])}): {words}"
    for place in sorted(range(len(reading.telling)), key=lambda each: -reading.telling[each]):
        if len(found) < 3 and reading.telling[place] > 0 and place not in found:
            found[place] = f"You are concrete: {quoted(reading.heard.sentences[place])}"
    return tuple(found.values())[:3]


def tips(reading: Reading) -> tuple[str, ...]:
    """What would make the answer stronger. Each is given only where the answer does not do it already."""
    found = []
    if _is_general(reading):
        found.append(_CASE[reading.asked.kind])
    if reading.asked.kind == "story" and "result" not in story.parts_in(reading):
        found.append(_RESULT)
    if reading.asked.kind != "knowledge" and not _is_general(reading) and not any(reading.numbers):
        found.append(_FIGURE)
    if reading.asked.kind != "introduction":  # people say who they are in words that are near to no point
        found += [_also(point, reading.estimate.score) for point in reading.missing[:2]]
    return tuple(found)[:MOST_TIPS]


def _also(point: str, score: float) -> str:
    if score >= GOOD:
        return f"I did not recognise this in your answer; if you meant it, say it outright: {bare(point)}."
    return f"A strong answer also {shows(point)}."


def _is_general(reading: Reading) -> bool:
    return max(reading.telling) <= reading.by.concrete[1]


_YOURS = {"they": "you", "their": "your", "them": "you", "themselves": "yourself"}
_OTHERS = re.compile(r"\b(they|their|them|themselves)\b")


def to_you(asked: Asked) -> tuple[str, ...]:
    """The points in the second person, where the question is about the candidate."""
    if asked.kind == "knowledge":
        return asked.points
    return tuple(_OTHERS.sub(lambda found: _YOURS[found[1]], point) for point in asked.points)


def shows(point: str) -> str:
    """An expected point as what an answer does: "names the cost", or "covers this: the cost"."""
    return bare(point) if _THIRD_PERSON.match(point) else f"covers this: {bare(point)}"


def bare(point: str) -> str:
    """A point as a part of a sentence."""
    first = point.split(" ", 1)[0]
    lowered = point if len(first) > 1 and first[1:] != first[1:].lower() else point[:1].lower() + point[1:]
    return lowered.rstrip(". ")


def explanation(name: CriterionName, reading: Reading) -> str:
    """What the level of a criterion rests on."""
    recognised, points = len(reading.recognised), len(reading.asked.points)
    if name == "relevance":
        near = reading.estimate.on_subject >= 0.5
        return "It is about what was asked." if near else "It is nearer to other subjects than to this question."
    if name == "depth":
        if not points:
            return "The question names no points, so this follows the whole answer."
        return f"{recognised} of {points} expected points were recognised."
    numbers = sum(reading.numbers)
    concrete = sum(each > 0 for each in reading.telling)
    return (
        f"{_counted(concrete, 'sentence')} of {len(reading.telling)} "
        f"{'tells' if concrete == 1 else 'tell'} something concrete; {_counted(numbers, 'number')} given."
    )


def analysis(reading: Reading, question: Question, judged: Sequence[Judgement]) -> str:
    """What was heard against what was asked, and what each level rests on: a sentence a line."""
    lines = [f"Asked {shortened(question)}, you answered in {_counted(len(reading.heard.sentences), 'sentence')}."]
    for each in judged:
        lines.append(f"{each.criterion.capitalize()}, {each.level} of {TOP_LEVEL}: {each.explanation}")
    low, high = round(reading.estimate.low * 100), round(reading.estimate.high * 100)
    lines.append(f"In four cases of five a person's score for such an answer lies between {low} and {high} of 100.")
    if reading.asked.kind == "knowledge":
        lines.append("Whether what you say is correct was not checked.")
    return "\n".join(lines)


def reference_answer(asked: Asked) -> str:
    """What a strong answer would have shown, put together from the expected points; empty where none are known."""
    if not asked.points:
        return ""
    first, *others = (shows(point) for point in asked.points)
    return " ".join([f"A strong answer {first}.", *(f"It {each}." for each in others)])


def quoted(sentence: Sentence, longest: int = SHORT) -> str:
    """The words in quotation marks, on one line, with a full stop where they end without a mark."""
    line = " ".join(judgements.excerpt(sentence).split())
    if not line:
        return "a sentence that came through in part."
    cut = line if len(line) <= longest else f"{at_word(line, longest)} …"
    return f"“{cut}”" if cut.endswith(tuple(MARKS)) else f"“{cut}”."


def _best(reading: Reading) -> Sentence | None:
    """The sentence that speaks most clearly of a point, or tells most."""
    near = reading.seen.sentences @ reading.seen.points.T
    if reading.recognised and reading.asked.kind != "introduction":
        return reading.heard.sentences[int(near.max(axis=1).argmax())]
    place = max(range(len(reading.telling)), key=lambda each: reading.telling[each])
    return reading.heard.sentences[place] if not _is_general(reading) else None


def _asides(reading: Reading) -> list[str]:
    heard = reading.heard
    if any(sentence.guesses for sentence in heard.sentences):
        return ["I could not make out a few words for certain, so they counted neither way; correct them, and they do."]
    if heard.retractions:
        return ["What you took back was not counted."]
    if heard.appeals:
        return ["What was addressed to the grader instead of the question was left out."]
    if heard.lists:
        return ["Keywords in a row were not counted; say in a sentence what each is for."]
    if heard.repeats:
        return ["What you said twice was counted once."]
    return []


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
