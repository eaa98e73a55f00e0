"""The scripted interviewer: a curated bank and the candidate's own words. Deterministic, needs nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from contracts.interview import (
    Action,
    Difficulty,
    Expectation,
    Phase,
    Provenance,
    Question,
    QuestionKind,
    SessionConfig,
    TurnContext,
)

from interviewer.bank import BankQuestion, QuestionBank
from interviewer.mind import Emit, Guidance, Proposal
from interviewer.minds import phrases
from interviewer.reading import Reading, read

T = TypeVar("T")
SCRIPTED = Provenance(mind="scripted")
GENERAL = "general_behavioral"
_LADDER: tuple[Difficulty, ...] = ("easy", "medium", "hard")


class ScriptedMind:
    """See Mind. Every choice is made by the session's id and the turn, so a redelivered turn is said alike."""

    def __init__(self, bank: QuestionBank) -> None:
        self._bank = bank

    async def introduce(self, session_id: UUID, config: SessionConfig, emit: Emit) -> Proposal:
        """See Mind."""
        company = f" at {config.company_name}" if config.company_name else ""
        template = _choose(phrases.INTRODUCTIONS[config.style], session_id, "introduction")
        text = template.format(role=config.job_role, company=company)
        expects = tuple(Expectation(point=point, cues=cues) for point, cues in phrases.INTRODUCTION_EXPECTS)
        await emit(text)
        question = Question(kind="introduction", text=text, phase="intro", expects=expects)
        return Proposal("introduce", question, "Every interview begins with an introduction.", SCRIPTED)

    async def propose(self, session_id: UUID, context: TurnContext, guidance: Guidance, emit: Emit) -> Proposal:
        """See Mind."""
        reading = read(context.answer)
        if "conclude" in guidance.allowed:
            proposal = self._close(session_id, context, guidance)
        elif "clarify" in guidance.allowed:
            proposal = self._clarify(context, reading)
        else:
            wants_more = "follow_up" in guidance.allowed
            follow_up = self._follow_up(session_id, context, reading) if wants_more else None
            proposal = follow_up or self._new_question(session_id, context, guidance, reading)
        await emit(proposal.question.text)
        return proposal

    def _close(self, session_id: UUID, context: TurnContext, guidance: Guidance) -> Proposal:
        text = _choose(phrases.CLOSINGS[context.config.style], session_id, "closing")
        return Proposal("conclude", Question(kind="closing", text=text, phase="closing"), guidance.reason, SCRIPTED)

    def _clarify(self, context: TurnContext, reading: Reading) -> Proposal:
        templates = {"question_back": phrases.CLARIFICATIONS, "too_short": phrases.ASK_FOR_MORE}
        template = templates.get(reading.kind, phrases.NOT_UNDERSTOOD)[context.config.style]
        text = template.format(question=_bare(context.question, self._bank))
        question = context.question.model_copy(update={"kind": "clarification", "text": text})
        return Proposal("clarify", question, reading.reason, SCRIPTED)

    def _follow_up(self, session_id: UUID, context: TurnContext, reading: Reading) -> Proposal | None:
        said_before = {utterance.text for utterance in context.transcript if utterance.role == "interviewer"}
        for text, reasoning in self._follow_up_texts(session_id, context, reading):
            if text not in said_before:
                question = context.question.model_copy(update={"kind": "follow_up", "text": text})
                # What the first question wanted to see is not what the follow-up asks for.
                question = question.model_copy(update={"expects": _still_missing(context)})
                return Proposal("follow_up", question, reasoning, SCRIPTED)
        return None

    def _follow_up_texts(self, session_id: UUID, context: TurnContext, reading: Reading) -> Sequence[tuple[str, str]]:
        texts: list[tuple[str, str]] = []
        for kind, claim in reading.claims:
            template = _choose(phrases.TAKING_UP[kind], session_id, f"{kind}{claim}")
            texts.append((template.format(claim=claim), f"The candidate made a claim worth testing ({kind})."))
        if context.question.bank_id and context.follow_ups_in_row == 0:
            for follow_up in self._bank.question(context.question.bank_id).follow_ups:
                text = phrases.BUILDING_ON.format(question=_lower_first(follow_up))
                texts.append((text, "The answer leaves room to go deeper."))
        return texts

    def _new_question(self, session_id: UUID, context: TurnContext, guidance: Guidance, reading: Reading) -> Proposal:
        picked = self._pick(session_id, context, guidance.phase, guidance.difficulty)
        if picked is None:
            closing = Guidance(guidance.allowed, "closing", guidance.difficulty, "Every question has been asked.")
            return self._close(session_id, context, closing)
        style = context.config.style
        if reading.kind == "does_not_know":
            opener = phrases.AFTER_NOT_KNOWING[style]
        else:
            opener = _choose(phrases.TRANSITIONS[style], session_id, picked.id)
        question = _question(picked, "question", opener + picked.text, guidance.phase)
        action: Action = "new_question"
        return Proposal(action, question, guidance.reason, SCRIPTED)

    def _pick(
        self, session_id: UUID, context: TurnContext, phase: Phase, difficulty: Difficulty
    ) -> BankQuestion | None:
        """The best question not asked yet: right phase, then right difficulty, then the domain asked least."""
        config = context.config
        domains = self._bank.domains_for(config.job_role, config.job_description + "\n" + config.resume_content)
        wanted = [*domains[:4], *([GENERAL] if GENERAL not in domains else [])]
        by_name = {domain.domain: domain for domain in self._bank.domains}
        everything = [*wanted, *(name for name in by_name if name not in wanted)]
        best: tuple[tuple[int, ...], BankQuestion] | None = None
        for rank, name in enumerate(everything):
            for question in by_name[name].questions:
                if question.id in context.asked_ids:
                    continue
                cost = (
                    name not in wanted,
                    question.phase != phase,
                    name == GENERAL and phase == "technical",
                    abs(_LADDER.index(question.difficulty) - _LADDER.index(difficulty)),
                    context.coverage.get(name, 0),
                    rank,
                    _dice(session_id, question.id),
                )
                if best is None or cost < best[0]:
                    best = (cost, question)
        return best[1] if best else None


def _question(picked: BankQuestion, kind: QuestionKind, text: str, phase: Phase) -> Question:
    return Question(
        kind=kind,
        text=text,
        phase=phase,
        domain=picked.domain,
        difficulty=picked.difficulty,
        bank_id=picked.id,
        expects=tuple(Expectation(point=each.point, cues=each.cues) for each in picked.shows),
    )


def _bare(question: Question, bank: QuestionBank) -> str:
    """The question itself, without what was said around it."""
    if question.kind == "question" and question.bank_id:
        return bank.question(question.bank_id).text
    return question.text


def _still_missing(context: TurnContext) -> tuple[Expectation, ...]:
    answer = context.answer.lower()
    return tuple(each for each in context.question.expects if not any(cue in answer for cue in each.cues))


def _lower_first(text: str) -> str:
    first = text.split(" ", 1)[0]
    return text if first in {"I", "I'm"} or first.isupper() else text[0].lower() + text[1:]


def _dice(session_id: UUID, what: str) -> int:
    return int.from_bytes(hashlib.blake2b(f"{session_id}{what}".encode(), digest_size=4).digest(), "big")


def _choose(choices: Sequence[T], session_id: UUID, what: str) -> T:
    return choices[_dice(session_id, what) % len(choices)]
