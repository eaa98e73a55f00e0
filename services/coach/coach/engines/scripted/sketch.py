"""A better answer from the candidate's own material: their sentences in a better order, gaps for what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from contracts.coach.asks import Sketch
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.judgement import Quote
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.question import Question
from contracts.vocabulary.turn import TranscriptTurn
from parley_text.sentences import MARKS

from coach.engines.scripted.quoting import excerpt
from coach.engines.scripted.reading import Claim, Reading, read
from coach.engines.scripted.signs import Mark
from coach.engines.scripted.story import star_of
from coach.engines.scripted.topic import topic_of
from coach.engines.scripted.wording import bare
from coach.rubric import PARTS, is_introduction, is_technical, tells_a_story
from coach.said import sure_of

PROVENANCE = Provenance(engine="scripted")
Part = tuple[str, str]
"""The candidate's words, or a gap that says what belongs there; one of the two is empty."""
_STORY_GAPS = {
    "situation": "where and when this was, and what was at stake",
    "task": "what you were responsible for",
    "action": "what you did yourself, step by step",
    "result": "what came of it, if possible in numbers",
}
_NUMBER_GAP = "a number for it: how many, how long, or before and after"
_ARGUMENT = (
    (frozenset({Mark.REASON, Mark.CONDITION}), "why this way"),
    (frozenset({Mark.TRADE_OFF}), "what it costs, and when you would choose otherwise"),
    (frozenset({Mark.NUMBER, Mark.RESULT, Mark.INSTANCE}), "a number or a case from your own work"),
)
MOST_POINTS = 2


def sketch(turn: TranscriptTurn, config: SessionConfig) -> Sketch:
    """The sketch for one answer. Nothing in it is made up: it consists of slices of the answer, and of gaps."""
    if not turn.answer:
        return Sketch(found=False)
    question = turn.question
    reading = read(sure_of(turn.answer, turn.spoken), topic_of(question, config), story=tells_a_story(question.phase))
    parts = list(_ordering(question)(reading))
    quotes = tuple(Quote(text=words) for words, _ in parts if words)
    gaps = tuple(gap for _, gap in parts if gap)
    text = " ".join(_sentence(words) if words else f"[{gap}]" for words, gap in parts)
    return Sketch(found=True, text=text, quotes=quotes, gaps=gaps, provenance=PROVENANCE)


def _ordering(question: Question) -> Callable[[Reading], Iterator[Part]]:
    if is_introduction(question):
        return _introduction
    return _argument if is_technical(question.phase) else _story


def _story(reading: Reading) -> Iterator[Part]:
    """Situation, task, all own actions, result."""
    star, told = star_of(reading), set[str]()
    actions = _words(claim for claim in reading.claims if Mark.ACTION in claim.marks)
    for part in PARTS:
        words = getattr(star, part)
        chosen = actions if part == "action" else [words] if words else []
        fresh = [each for each in chosen if each not in told and (part == "result" or each != star.result)]
        told.update(fresh)
        yield from ((each, "") for each in fresh)
        if not chosen:
            yield "", _STORY_GAPS[part]
    if star.result and Mark.NUMBER not in reading.marks:
        yield "", _NUMBER_GAP


def _introduction(reading: Reading) -> Iterator[Part]:
    """Point by point in the order in which an introduction is easiest to follow, a gap for each that is missing."""
    for number, text in enumerate(reading.topic.texts):
        words = _words(claim for claim in reading.claims if claim.points[:1] == (number,))
        yield from ((each, "") for each in words)
        if number not in reading.points:
            yield "", bare(text)
    yield from ((words, "") for words in _words(claim for claim in reading.claims if not claim.points))


def _argument(reading: Reading) -> Iterator[Part]:
    """The points first, with their reasons, then the price; gaps for what is missing."""
    counted = [claim for claim in reading.claims if claim.topical] or list(reading.claims)
    prices = [claim for claim in counted if not claim.points and Mark.TRADE_OFF in claim.marks]
    points = [claim for claim in counted if claim not in prices]
    said = [*sorted(points, key=lambda claim: not claim.points), *prices]
    yield from ((words, "") for words in dict.fromkeys(_words(said)))
    yield from (("", bare(point)) for point in reading.missing[:MOST_POINTS])
    for marks, gap in _ARGUMENT:
        if marks.isdisjoint(reading.marks):
            yield "", gap


def _words(claims: Iterable[Claim]) -> list[str]:
    """What can be quoted of them."""
    return [words for claim in claims if (words := excerpt(claim.sentence))]


def _sentence(words: str) -> str:
    return words if words.endswith(tuple(MARKS)) else f"{words}."
