"""Reacts to a start and to each answer: reads it, asks an engine within the rules, says what comes of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from contracts import Event, Payload, follow_up
from contracts.interviewer.asks import AcknowledgeAsk, Acknowledgement
from contracts.interviewer.events import Replied
from contracts.interviewer.live import ReplyDelta
from contracts.session.events import AnswerRecorded, Rephrased, Started
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.disclosure import Disclosure
from contracts.vocabulary.listening import Adjustment
from contracts.vocabulary.question import Plan
from contracts.vocabulary.turn import TurnContext
from parley_listening import Listener
from parley_listening.heard import PAUSING
from runtime.errors import Permanent
from runtime.publish import Publisher

from interviewer.director import check, guide, guide_rephrasing
from interviewer.disclosure import Disclose, built_in
from interviewer.engine import Engine, Guidance, NoPassages, Passages, Proposal
from interviewer.engines import wording
from interviewer.hearing import understood
from interviewer.languages import speaks
from interviewer.reading import Reading, read

SendLive = Callable[[UUID, ReplyDelta], Awaitable[None]]
"""Sends a piece of a reply to whoever is listening to the session."""
MakePlan = Callable[[SessionConfig], Plan]
LookUp = Callable[[UUID | None, TurnContext, Guidance], Passages]
"""What can be looked up in the documents of a user for a turn."""


def nothing_to_look_up(user_id: UUID | None, context: TurnContext, guidance: Guidance) -> Passages:
    """For an interviewer without documents."""
    return NoPassages()


class LiveDraft:
    """Each attempt has a greater number than the one before: it replaces an older draft."""

    def __init__(self, send: SendLive, session_id: UUID, turn: int, revision: int) -> None:
        self._send = send
        self._session_id = session_id
        self._turn = turn
        self._revision = revision
        self._attempt = int(datetime.now(UTC).timestamp() * 1000)
        self._offset = 0

    async def say(self, text: str) -> None:
        delta = ReplyDelta(
            turn=self._turn, revision=self._revision, attempt=self._attempt, offset=self._offset, text=text
        )
        self._offset += len(text)
        await self._send(self._session_id, delta)

    async def restart(self) -> None:
        if self._offset:
            self._attempt += 1
            self._offset = 0


class Interviewer:
    """The use cases of the interviewer service."""

    def __init__(
        self,
        engine: Engine,
        make_plan: MakePlan,
        publisher: Publisher,
        send_live: SendLive,
        look_up: LookUp = nothing_to_look_up,
        disclose: Disclose = built_in,
        listener: Listener | None = None,
    ) -> None:
        self._engine = engine
        self._make_plan = make_plan
        self._publisher = publisher
        self._send_live = send_live
        self._look_up = look_up
        self._disclose = disclose
        self._listener = listener or Listener()

    async def handle(self, event: Event[Payload]) -> None:
        """Reply to a start, an answer, or a wish for other words; anything else is not for the interviewer."""
        match event.data:
            case Started() as started:
                await self._begin(event, started.config)
            case AnswerRecorded() as answer:
                context = _with_context(answer.context)
                reading = read(answer.text, context, await self._listener.heard(answer.text, context.question.text))
                await self._reply(event, context, guide(context, reading), answer.turn, answer.revision)
            case Rephrased() as wish:
                context = _with_context(wish.context)
                await self._reply(event, context, guide_rephrasing(context), wish.turn, 0)
            case _:
                return

    async def acknowledge(self, ask: AcknowledgeAsk) -> Acknowledgement:
        """A few words while the candidate speaks or waits."""
        return await self._engine.acknowledge(ask)

    async def _begin(self, event: Event[Payload], config: SessionConfig) -> None:
        proposal = await self._engine.introduce(event.subject_id, config)
        disclosed = await self._disclose(config.language)
        text = wording.before_last_sentence(proposal.question.text, disclosed.text)
        await LiveDraft(self._send_live, event.subject_id, turn=-1, revision=0).say(text)
        proposal = replace(proposal, question=proposal.question.model_copy(update={"text": text}))
        plan = self._make_plan(config)
        await self._say(event, proposal, turn=-1, revision=0, plan=plan, disclosed=disclosed)

    async def _reply(
        self, event: Event[Payload], context: TurnContext, guidance: Guidance, turn: int, revision: int
    ) -> None:
        adjusts = adjustment(guidance.reading)
        context = _adjusted(understood(context), adjusts)
        draft = LiveDraft(self._send_live, event.subject_id, turn, revision)
        guidance = replace(guidance, passages=self._look_up(event.user_id, context, guidance))
        proposal = await self._engine.propose(event.subject_id, context, guidance, draft)
        proposal = check(proposal, guidance)
        if "shorter_pieces" in context.accommodations and guidance.reading.kind not in PAUSING:
            pieces = wording.in_pieces(proposal.question.text)
            proposal = replace(proposal, question=proposal.question.model_copy(update={"text": pieces}))
        await self._say(event, proposal, turn=turn, revision=revision, reading=guidance.reading, adjusts=adjusts)

    async def _say(
        self,
        event: Event[Payload],
        proposal: Proposal,
        *,
        turn: int,
        revision: int,
        plan: Plan | None = None,
        disclosed: Disclosure | None = None,
        reading: Reading | None = None,
        adjusts: Adjustment | None = None,
    ) -> None:
        reply = Replied(
            turn=turn,
            revision=revision,
            question=proposal.question,
            action=proposal.action,
            reasoning=proposal.reasoning,
            provenance=proposal.provenance,
            tokens=proposal.tokens,
            plan=plan,
            disclosed=disclosed,
            heard=reading.remark if reading else None,
            pauses=reading is not None and reading.kind in PAUSING,
            adjusts=adjusts,
        )
        await self._publisher.publish(follow_up(event, reply, datetime.now(UTC)))


def adjustment(reading: Reading) -> Adjustment | None:
    """What of the interview changes because of what was said."""
    spoken = next(filter(speaks, reading.languages), None)
    if reading.kind == "accommodation" and reading.needs:
        return Adjustment(accommodations=reading.needs)
    return Adjustment(language=spoken) if reading.kind == "asks_for_language" and spoken else None


def _adjusted(context: TurnContext, adjusts: Adjustment | None) -> TurnContext:
    if adjusts is None:
        return context
    config = context.config.model_copy(update={"language": adjusts.language or context.config.language})
    needs = tuple(dict.fromkeys((*context.accommodations, *adjusts.accommodations)))
    return context.model_copy(update={"config": config, "accommodations": needs})


def _with_context(context: TurnContext | None) -> TurnContext:
    if context is None:
        raise Permanent("it was published without its context")
    return context
