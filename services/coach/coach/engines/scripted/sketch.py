"""A better answer from the candidate's own material: their good sentences, whole, and gaps for what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from contracts.coach.asks import Sketch
from contracts.vocabulary.judgement import Quote
from contracts.vocabulary.provenance import Provenance
from parley_text.sentences import MARKS

from coach.engines.scripted import story
from coach.engines.scripted.judgements import excerpt
from coach.engines.scripted.wording import bare

if TYPE_CHECKING:
    from coach.engines.scripted.evaluation import Reading

PROVENANCE = Provenance(engine="scripted")
_GAPS = {
    "situation": "where and when this was",
    "action": "what I did myself, step by step",
    "result": "what came of it, and how I know",
}
_INTRODUCTION = ("who I am and what I do now", "a piece of work I did, and what came of it", "why I want this position")
MOST_POINTS = 2


def sketch(reading: Reading | None) -> Sketch:
    """The sketch for one answer. Nothing in it is made up: it consists of slices of the answer, and of gaps."""
    if reading is None:
        return Sketch(found=False)
    keep = [excerpt(each) for place, each in enumerate(reading.heard.sentences) if not _says_nothing(reading, place)]
    said = [words for words in keep if words]
    gaps = list(_gaps(reading))
    first = [gap for gap in gaps if gap == _GAPS["situation"]]
    rest = [gap for gap in gaps if gap not in first]
    text = " ".join([*(f"[{gap}]" for gap in first), *map(_sentence, said), *(f"[{gap}]" for gap in rest)])
    return Sketch(
        found=True,
        text=text,
        quotes=tuple(Quote(text=words) for words in said),
        gaps=tuple(gaps),
        provenance=PROVENANCE,
    )


def _says_nothing(reading: Reading, place: int) -> bool:
    """Nearer to sentences that would fit anything than to those that tell a case, and to no expected point."""
    return reading.telling[place] < 0 and place not in reading.speaks_to


def _gaps(reading: Reading) -> Iterator[str]:
    if reading.asked.kind == "introduction" and len(reading.asked.points) == len(_INTRODUCTION):
        yield from (_INTRODUCTION[point] for point, place in enumerate(reading.speaks_to) if place is None)
    elif reading.asked.kind == "story":
        told = story.parts_in(reading)
        yield from (gap for part, gap in _GAPS.items() if part not in told)
    else:
        yield from (bare(point) for point in reading.missing[:MOST_POINTS])


def _sentence(words: str) -> str:
    return words if words.endswith(tuple(MARKS)) else f"{words}."
