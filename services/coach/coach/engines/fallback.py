"""The last link of the chain: where no model answers, the scripted engine judges, and its feedback says so."""

from __future__ import annotations

import structlog
from contracts.coach.asks import Sketch
from contracts.vocabulary.judgement import Feedback
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.report import Report
from contracts.vocabulary.turn import TranscriptTurn, TurnContext
from models import ModelRefused, NoModel, Usage
from runtime.telemetry import failure

from coach.engines import Engine, ReportMaterial
from coach.engines.scripted.kinds import in_another_language
from coach.said import sure_of
from coach.text import words

log = structlog.get_logger()
_NO_ANSWER = (NoModel, ModelRefused)


class FallbackEngine:
    """What the scripted engine says in the model's place is marked as degraded; no score is ever made up."""

    def __init__(self, model: Engine, stand_in: Engine) -> None:
        self._model = model
        self._stand_in = stand_in

    async def evaluate(self, context: TurnContext) -> Feedback:
        """What is no answer to be judged needs no model: the rules of the scripted engine tell."""
        plain = await self._stand_in.evaluate(context)
        if not plain.judged or not needs_a_model(plain, context):
            return plain
        try:
            return await self._model.evaluate(context)
        except _NO_ANSWER as error:
            usage = _noted(error)
        return plain.model_copy(update={"provenance": _as_fallback(plain.provenance, usage)})

    async def report(self, material: ReportMaterial) -> Report:
        """An interview without a score has nothing that a model could put into words."""
        plain = await self._stand_in.report(material)
        if plain.overall_score is None:
            return plain
        try:
            return await self._model.report(material)
        except _NO_ANSWER as error:
            usage = _noted(error)
        return plain.model_copy(update={"provenance": _as_fallback(plain.provenance, usage)})

    async def sketch(self, turn: TranscriptTurn, material: ReportMaterial) -> Sketch:
        try:
            return await self._model.sketch(turn, material)
        except _NO_ANSWER as error:
            usage = _noted(error)
        plain = await self._stand_in.sketch(turn, material)
        provenance = _as_fallback(plain.provenance, usage) if plain.provenance else None
        return plain.model_copy(update={"provenance": provenance})


def needs_a_model(plain: Feedback, context: TurnContext) -> bool:
    """Whether there is more in an answer than the scripted engine can see: it abstains where it cannot tell, and what
    it takes for too little may be enough in a language of which it knows nothing."""
    return plain.evidence == "sufficient" or plain.interval is not None or not _speaks_english(context)


def _speaks_english(context: TurnContext) -> bool:
    answer = sure_of(context.answer, context.spoken)
    return not in_another_language(answer, words(answer))


def _noted(error: Exception) -> Usage:
    """What was spent in vain."""
    log.warning("falling back to the scripted engine", **failure(error))
    usage: Usage = getattr(error, "usage", Usage())
    return usage


def _as_fallback(provenance: Provenance, usage: Usage) -> Provenance:
    used = usage.recorded() if usage.prompt_tokens or usage.completion_tokens else None
    return provenance.model_copy(update={"degraded": True, "usage": used})
