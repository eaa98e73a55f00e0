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
from coach.phrases import Phrases
from coach.quotes import at_word, shortened
from coach.text import Sentence

if TYPE_CHECKING:
    from coach.engines.scripted.evaluation import Reading

SHORT = 110
GOOD = 0.6
"""From this score on what was not recognised may well have been said in other words."""
MOST_TIPS = 4
_THIRD_PERSON = re.compile(r"^(?:\w+ly )?[A-Za-z-]+s\b|^Never\b|^Also\b")


def feedback_text(reading: Reading, say: Phrases) -> str:
    """Two to four sentences: what came across, what did not, and one thing to do about it."""
    advice = tips(reading, say)
    last = advice[:1] or (_rest(reading, say),)
    return " ".join(filter(None, [_came_across(reading, say), _limits(reading, say), *last, _aside(reading, say)]))


def _came_across(reading: Reading, say: Phrases) -> str:
    recognised, points = len(reading.recognised), len(reading.asked.points)
    best = _best(reading)
    if reading.estimate.on_subject < 0.5:
        return say("off_subject")
    if best is None:
        longest = max(judgements.quotable(reading), key=lambda place: len(reading.heard.sentences[place].content))
        return say("general", words=quoted(reading.heard.sentences[longest], 60))
    words = quoted(best)
    if recognised and reading.asked.kind != "introduction":
        return say("recognised", count=recognised, all=points, words=words)
    return say("most_telling", words=words)


def _rest(reading: Reading, say: Phrases) -> str:
    """Points that are neither recognised nor missing for certain, where nothing else is to be said."""
    left = len(reading.asked.points) - len(reading.recognised)
    if not left or not reading.recognised or reading.asked.kind == "introduction":
        return ""
    return say.counted("rest", left)


def _limits(reading: Reading, say: Phrases) -> str:
    return say("not_checked") if reading.asked.kind == "knowledge" and reading.estimate.score >= 0.5 else ""


def uncertain(reading: Reading, say: Phrases) -> str:
    """Where an answer has content that cannot be placed."""
    best = _best(reading)
    known = [bare(reading.points[point]) for point in reading.recognised[:2]]
    if known:
        return say("known", points="; ".join(known))
    return say("unplaced_words", words=quoted(best)) if best else say("unplaced")


def in_language(reading: Reading, code: str, say: Phrases) -> str:
    """Where an answer is in a language in which the coach was never measured."""
    known = [bare(reading.points[point]) for point in reading.recognised[:3]]
    why = say("untested", language=language_name(code)) if code else say("untested_unknown")
    heard = say("did_recognise", points="; ".join(known)) if known else ""
    return " ".join(filter(None, [why, heard, say("kept")]))


def strengths(reading: Reading, say: Phrases) -> tuple[str, ...]:
    """What came across, each with the words that show it; nothing where little did."""
    if reading.estimate.score < 0.4:
        return ()
    found: dict[int, str] = {}
    for point in reading.recognised:
        place = reading.speaks_to[point]
        if place is not None and place not in found:
            words = quoted(reading.heard.sentences[place])
            found[place] = say("strong_point", point=bare(reading.points[point]), words=words)
    for place in sorted(range(len(reading.telling)), key=lambda each: -reading.telling[each]):
        if len(found) < 3 and reading.telling[place] > 0 and place not in found:
            found[place] = say("concrete", words=quoted(reading.heard.sentences[place]))
    return tuple(found.values())[:3]


def tips(reading: Reading, say: Phrases) -> tuple[str, ...]:
    """What would make the answer stronger. Each is given only where the answer does not do it already."""
    found = []
    if _is_general(reading):
        found.append(say(f"case_{reading.asked.kind}"))
    if reading.asked.kind == "story" and "result" not in story.parts_in(reading):
        found.append(say("result"))
    if reading.asked.kind != "knowledge" and not _is_general(reading) and not any(reading.numbers):
        found.append(say("figure"))
    if reading.asked.kind != "introduction":  # people say who they are in words that are near to no point
        name = "outright" if reading.estimate.score >= GOOD else "also"
        found += [say(name, point=bare(point), shows=shows(point)) for point in reading.missing[:2]]
    return tuple(found)[:MOST_TIPS]


def _is_general(reading: Reading) -> bool:
    return max(reading.telling) <= reading.by.concrete[1] and not any(reading.numbers)


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


def held(alone: int, level: int) -> str:
    """Why a level is another than its explanation alone would make it: it stays near that of the whole answer."""
    if alone == level:
        return ""
    more, up = ("more", "up") if level > alone else ("less", "down")
    return f" The answer as a whole shows {more}, which moves this level {up}."


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
    near = (reading.seen.sentences @ reading.seen.points.T).max(axis=1, initial=-1)
    if reading.recognised and reading.asked.kind != "introduction":
        return reading.heard.sentences[max(judgements.quotable(reading), key=lambda place: near[place])]
    place = max(judgements.quotable(reading), key=lambda each: reading.telling[each])
    return reading.heard.sentences[place] if not _is_general(reading) else None


def _aside(reading: Reading, say: Phrases) -> str:
    """What was left out of the answer, if anything was."""
    heard = reading.heard
    if any(sentence.guesses for sentence in heard.sentences):
        return say("guesses")
    return next((say(name) for name in ("retractions", "appeals", "lists", "repeats") if getattr(heard, name)), "")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
