"""The parts of a story by what they are near to, in whatever tense or order they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.vocabulary.judgement import Star

from coach.engines.scripted.judgements import excerpt
from coach.rubric.star import PARTS, StarPart

if TYPE_CHECKING:
    from coach.engines.scripted.evaluation import Reading


def star_of(reading: Reading) -> Star | None:
    """The candidate's words for each part that was recognised; None where no story was asked for."""
    if reading.asked.kind != "story":
        return None
    told = parts_in(reading)
    return Star(**{part: excerpt(reading.heard.sentences[place]) for part, place in told.items()})


def parts_in(reading: Reading) -> dict[StarPart, int]:
    """The place of the sentence that comes nearest to each part, each sentence for one part only."""
    nearest = {part: reading.seen.nearest(part) for part in PARTS}
    pairs = sorted(
        ((float(near), part, place) for part, row in nearest.items() for place, near in enumerate(row)),
        key=lambda each: -each[0],
    )
    found: dict[StarPart, int] = {}
    for near, part, place in pairs:
        if near > reading.by.part and part not in found and place not in found.values():
            found[part] = place
    return found
