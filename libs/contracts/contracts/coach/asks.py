"""Questions to the coach, over NATS request-reply."""

from __future__ import annotations

from contracts.envelope import Contract
from contracts.vocabulary.asking import SessionAsk
from contracts.vocabulary.disclosure import EngineDescription
from contracts.vocabulary.judgement import Quote
from contracts.vocabulary.provenance import Provenance


class SketchAsk(SessionAsk):
    """A better answer to the question of `turn`, sketched from the candidate's own material."""

    turn: int


class EngineAsk(Contract):
    """Which engine judges answers?"""


class EngineAnswer(Contract):
    """The one that does."""

    engine: EngineDescription


class Sketch(Contract):
    """`found` False: no such session, or no answer in that turn. `quotes` are the candidate's own words, verbatim, that
    it was made from; what they did not say is left as a gap in square brackets, never made up."""

    found: bool
    text: str = ""
    quotes: tuple[Quote, ...] = ()
    gaps: tuple[str, ...] = ()
    provenance: Provenance | None = None
