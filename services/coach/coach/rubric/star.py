"""STAR: an order in which a story can be told. A format, not a competency, so its parts are only counted."""

from __future__ import annotations

from typing import Literal, get_args

from contracts.vocabulary.judgement import Star

StarPart = Literal["situation", "task", "action", "result"]
PARTS: tuple[StarPart, ...] = get_args(StarPart)


def parts_told(star: Star) -> tuple[StarPart, ...]:
    """The parts that the candidate told, in order."""
    return tuple(part for part in PARTS if getattr(star, part) is not None)


def missing_parts(star: Star) -> tuple[StarPart, ...]:
    """The parts that were left out, in order."""
    return tuple(part for part in PARTS if getattr(star, part) is None)
