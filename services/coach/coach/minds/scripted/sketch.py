"""A better answer from the candidate's own material: their sentences in a better order, gaps for what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from contracts.asks import Sketch
from contracts.interview import Provenance, Quote, SessionConfig, TranscriptTurn

from coach.appeals import without_appeals
from coach.minds.scripted.quoting import excerpt
from coach.minds.scripted.reading import Claim, Reading, read
from coach.minds.scripted.signs import Mark
from coach.minds.scripted.story import star_of
from coach.minds.scripted.topic import topic_of
from coach.minds.scripted.wording import bare
from coach.rubric import PARTS, is_introduction, is_technical, tells_a_story

PROVENANCE = Provenance(mind="scripted")
Part = tuple[str, str]
"""The candidate's words, or a gap that says what belongs there; one of the two is empty."""
_STORY_GAPS = {
    "situation": "where and when this was, and what was at stake",
    "task": "what you were responsible for",
    "action": "what you did yourself, step by step",
    "result": "what came of it, if possible in numbers",
}
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
    answer = without_appeals(turn.answer)
    reading = read(answer, topic_of(turn.question, config), story=tells_a_story(turn.question.phase))
    technical = is_technical(turn.question.phase) or is_introduction(turn.question)
    parts = list(_argument(reading) if technical else _story(reading))
    quotes = tuple(Quote(text=words) for words, _ in parts if words)
    gaps = tuple(gap for _, gap in parts if gap)
    text = " ".join(_sentence(words) if words else f"[{gap}]" for words, gap in parts)
    return Sketch(found=True, text=text, quotes=quotes, gaps=gaps, provenance=PROVENANCE)


def _story(reading: Reading) -> Iterator[Part]:
    """Situation, task, all own actions, result."""
    star, told = star_of(reading), set[str]()
    actions = [excerpt(claim.sentence) for claim in reading.claims if Mark.ACTION in claim.marks]
    for part in PARTS:
        words = getattr(star, part)
        chosen = actions if part == "action" else [words] if words else []
        fresh = [each for each in chosen if each not in told and (part == "result" or each != star.result)]
        told.update(fresh)
        yield from ((each, "") for each in fresh)
        if not chosen:
            yield "", _STORY_GAPS[part]


def _argument(reading: Reading) -> Iterator[Part]:
    """What was said on the subject, then what is missing: points first, then reason, price and proof."""
    topical = [excerpt(claim.sentence) for claim in _in_order(reading.topical or reading.claims)]
    yield from ((words, "") for words in dict.fromkeys(topical))
    yield from (("", bare(point)) for point in reading.missing[:MOST_POINTS])
    for marks, gap in _ARGUMENT:
        if marks.isdisjoint(reading.marks):
            yield "", gap


def _in_order(claims: Iterable[Claim]) -> list[Claim]:
    """Those that speak to a point first, as they were said."""
    return sorted(claims, key=lambda claim: not claim.points)


def _sentence(words: str) -> str:
    return words if words.endswith((".", "!", "?", "…")) else f"{words}."
