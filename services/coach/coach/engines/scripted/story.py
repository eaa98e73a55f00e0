"""The parts of a story: what is said of them outright, or else by where they stand before and after the own actions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from contracts.vocabulary.judgement import Star

from coach.engines.scripted.quoting import excerpt
from coach.engines.scripted.reading import TOLD, Claim, Reading
from coach.engines.scripted.signs import Mark


def star_of(reading: Reading) -> Star:
    """The candidate's words for each part of the story that they told; empty where they cannot be quoted."""
    claims = reading.told
    acted = [place for place, claim in enumerate(claims) if Mark.ACTION in claim.marks]
    before, after = (claims[: acted[0]], claims[acted[-1] + 1 :]) if acted else ((), ())
    situation = _first(claims, Mark.SITUATION) or _first(before, Mark.PAST)
    task = _first(claims, Mark.TASK) or _first((each for each in before if each is not situation), Mark.PAST)
    result = _first(reversed(claims), Mark.RESULT) or _ending(after)
    action = _first((claims[place] for place in acted if claims[place] is not result), Mark.ACTION)
    return Star(situation=_words(situation), task=_words(task), action=_words(action), result=_words(result))


def _first(claims: Iterable[Claim], mark: Mark) -> Claim | None:
    return next((claim for claim in claims if mark in claim.marks), None)


def _ending(after: Sequence[Claim]) -> Claim | None:
    """What is told after the last own action is how it ended."""
    return next((claim for claim in reversed(after) if claim.marks & TOLD), None)


def _words(claim: Claim | None) -> str | None:
    return excerpt(claim.sentence) if claim else None
