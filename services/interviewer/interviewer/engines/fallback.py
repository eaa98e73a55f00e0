"""The last link of the chain: where no model answers, the scripted engine does, and its replies say so."""

from __future__ import annotations

from uuid import UUID

import structlog
from contracts.interviewer.asks import AcknowledgeAsk, Acknowledgement
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.turn import TurnContext
from models import ModelRefused, NoModel
from models import Usage as Used
from runtime.telemetry import failure

from interviewer.director import NotAllowed
from interviewer.engine import Draft, Engine, Guidance, Proposal
from interviewer.engines.llm.engine import Unusable
from interviewer.languages import speaks
from interviewer.reading import AnswerKind

log = structlog.get_logger()
FIXED: frozenset[AnswerKind] = frozenset(
    {
        "self_harm",
        "distress",
        "may_want_to_stop",
        "needs_pause",
        "goes_on",
        "accommodation",
        "protected_matter",
        "is_it_a_person",
    }
)
"""What no model answers: somebody in need gets the same words, and the same help, from whatever engine."""
_NOTHING_TO_SAY = (NoModel, ModelRefused, Unusable, NotAllowed)


class FallbackEngine:
    """What the fallback says is marked as degraded."""

    def __init__(self, model: Engine, stand_in: Engine) -> None:
        self._model = model
        self._stand_in = stand_in

    async def introduce(self, session_id: UUID, config: SessionConfig) -> Proposal:
        try:
            return await self._model.introduce(session_id, config)
        except _NOTHING_TO_SAY as error:
            usage = _noted(error)
        return _degraded(await self._stand_in.introduce(session_id, config), usage)

    async def propose(self, session_id: UUID, context: TurnContext, guidance: Guidance, draft: Draft) -> Proposal:
        kind, stands = guidance.reading.kind, "clarify" in guidance.allowed
        if guidance.phase == "closing" and "new_question" in guidance.allowed and speaks(context.config.language):
            return await self._stand_in.propose(session_id, context, guidance, draft)
        if stands and (kind in FIXED or (kind == "hardly_heard" and speaks(context.config.language))):
            # In fixed words, which blame nobody and promise nothing.
            return await self._stand_in.propose(session_id, context, guidance, draft)
        try:
            return await self._model.propose(session_id, context, guidance, draft)
        except _NOTHING_TO_SAY as error:
            usage = _noted(error)
        await draft.restart()
        return _degraded(await self._stand_in.propose(session_id, context, guidance, draft), usage)

    async def acknowledge(self, ask: AcknowledgeAsk) -> Acknowledgement:
        try:
            return await self._model.acknowledge(ask)
        except _NOTHING_TO_SAY as error:
            usage = _noted(error)
        said = await self._stand_in.acknowledge(ask)
        return said.model_copy(update={"provenance": _as_fallback(said.provenance, usage)})


def _noted(error: Exception) -> Used:
    log.warning("falling back to the scripted engine", **failure(error))
    usage: Used = getattr(error, "usage", Used())
    return usage


def _degraded(proposal: Proposal, usage: Used) -> Proposal:
    return Proposal(
        proposal.action,
        proposal.question,
        proposal.reasoning,
        _as_fallback(proposal.provenance, usage),
        proposal.exhausted,
    )


def _as_fallback(provenance: Provenance, usage: Used) -> Provenance:
    spent = usage.recorded() if usage.prompt_tokens or usage.completion_tokens else None
    return provenance.model_copy(update={"degraded": True, "usage": spent})
