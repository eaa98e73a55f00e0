"""The scripted interviewer: a curated bank and the candidate's own words. Deterministic, needs nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

from contracts.interview import Expectation, Provenance, Question, SessionConfig, TurnContext

from interviewer.bank import BankQuestion, QuestionBank
from interviewer.claims import Claim
from interviewer.mind import Emit, Guidance, Proposal
from interviewer.minds import phrases
from interviewer.minds.choice import choose, other_than_last, shuffled
from interviewer.minds.picking import pick
from interviewer.reading import Reading, read
from interviewer.words import words_of

SCRIPTED = Provenance(mind="scripted")
EXHAUSTED = "Every question has been asked."
_LAST_SENTENCE = re.compile(r"(?<=[.!?]) (?=[^.!?]+[.!?]$)")
# Nobody's name may add a question of its own, or a line, to what the interviewer says.
_NOT_IN_A_NAME = re.compile(r"[?？؟\s\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+")
_NO_NAMES = frozenset({"", "general role", "role", "position", "job"})


class ScriptedMind:
    """See Mind. Every choice is made by the session's id and the turn, so a redelivered turn is said alike."""

    def __init__(self, bank: QuestionBank) -> None:
        self._bank = bank

    async def introduce(self, session_id: UUID, config: SessionConfig, emit: Emit) -> Proposal:
        """See Mind."""
        text = _introduction(session_id, config)
        expects = tuple(Expectation(point=point, cues=cues) for point, cues in phrases.INTRODUCTION_EXPECTS)
        await emit(text)
        question = Question(kind="introduction", text=text, phase="intro", expects=expects)
        return Proposal("introduce", question, "Every interview begins with an introduction.", SCRIPTED)

    async def propose(self, session_id: UUID, context: TurnContext, guidance: Guidance, emit: Emit) -> Proposal:
        """See Mind."""
        reading = read(context.answer)
        if "conclude" in guidance.allowed:
            proposal = self._close(session_id, context, guidance.reason)
        elif "clarify" in guidance.allowed:
            proposal = self._clarify(session_id, context, reading)
        else:
            wants_more = "follow_up" in guidance.allowed
            follow_up = self._follow_up(session_id, context, reading) if wants_more else None
            proposal = follow_up or self._new_question(session_id, context, guidance, reading)
        await emit(proposal.question.text)
        return proposal

    def _close(self, session_id: UUID, context: TurnContext, reason: str, *, exhausted: bool = False) -> Proposal:
        text = choose(phrases.CLOSINGS[context.config.style], session_id, "closing")
        question = Question(kind="closing", text=text, phase="closing")
        return Proposal("conclude", question, reason, SCRIPTED, exhausted=exhausted)

    def _clarify(self, session_id: UUID, context: TurnContext, reading: Reading) -> Proposal:
        by_kind = {"question_back": phrases.CLARIFICATIONS, "too_short": phrases.ASK_FOR_MORE}
        templates = by_kind.get(reading.kind, phrases.NOT_UNDERSTOOD)[context.config.style]
        template = choose(other_than_last(templates, _spoken(context)), session_id, context.question.text)
        text = template.format(question=self._bare(context.question))
        question = context.question.model_copy(update={"kind": "clarification", "text": text})
        return Proposal("clarify", question, reading.reason, SCRIPTED)

    def _follow_up(self, session_id: UUID, context: TurnContext, reading: Reading) -> Proposal | None:
        spoken = _spoken(context)
        for text, reasoning, expects in self._follow_up_texts(session_id, context, reading, spoken):
            if text not in spoken:
                update = {"kind": "follow_up", "text": text, "expects": expects}
                return Proposal("follow_up", context.question.model_copy(update=update), reasoning, SCRIPTED)
        return None

    def _follow_up_texts(
        self, session_id: UUID, context: TurnContext, reading: Reading, spoken: list[str]
    ) -> Iterator[tuple[str, str, tuple[Expectation, ...]]]:
        """Each with its reasoning and what an answer to it can be expected to show: a question about the
        candidate's own claim asks for none of what the first question wanted to see."""
        for kind, claim in reading.claims:
            if _worth_taking_up(kind, claim, context, spoken):
                for template in shuffled(other_than_last(phrases.TAKING_UP[kind], spoken), session_id, kind + claim):
                    words = _quoted(claim) if kind == "ownership" else claim
                    yield template.format(claim=words), f"The candidate made a claim worth testing ({kind}).", ()
        picked = self._bank.find(context.question.bank_id)
        if picked is not None and context.follow_ups_in_row == 0:
            for follow_up in shuffled(picked.follow_ups, session_id, picked.id):
                template = choose(other_than_last(phrases.BUILDING_ON, spoken), session_id, picked.id)
                text = template.format(question=_lower_first(follow_up))
                yield text, "The answer leaves room to go deeper.", _still_missing(context)

    def _new_question(self, session_id: UUID, context: TurnContext, guidance: Guidance, reading: Reading) -> Proposal:
        picked = pick(self._bank, session_id, context, guidance.phase, guidance.difficulty)
        if picked is None:
            return self._close(session_id, context, EXHAUSTED, exhausted=True)
        openers = phrases.AFTER_NOT_KNOWING if reading.kind == "does_not_know" else phrases.TRANSITIONS
        choices = other_than_last(openers[context.config.style], _spoken(context))
        question = _question(picked, choose(choices, session_id, picked.id) + picked.text)
        return Proposal("new_question", question, guidance.reason, SCRIPTED)

    def _bare(self, question: Question) -> str:
        """The question itself, without what was said around it."""
        if question.kind == "introduction":
            return _LAST_SENTENCE.split(question.text)[-1]
        picked = self._bank.find(question.bank_id) if question.kind == "question" else None
        return picked.text if picked else question.text


def _introduction(session_id: UUID, config: SessionConfig) -> str:
    company = _name(config.company_name)
    template = choose(phrases.INTRODUCTIONS[config.style], session_id, "introduction")
    text = template.format(role=_role(config.job_role), company=f" at {company}" if company else "")
    if config.language.lower().startswith("en"):
        return text
    greeting, question = _LAST_SENTENCE.split(text)
    return f"{greeting} {phrases.ENGLISH_ONLY} {question}"


def _name(written: str) -> str:
    """A name as it can be spoken of inside a sentence."""
    return _NOT_IN_A_NAME.sub(" ", written).strip(" .,;:!")


def _role(written: str) -> str:
    name = _name(written)
    return phrases.NO_ROLE if name.lower() in _NO_NAMES else name


def _question(picked: BankQuestion, text: str) -> Question:
    return Question(
        kind="question",
        text=text,
        phase=picked.phase,
        domain=picked.domain,
        difficulty=picked.difficulty,
        bank_id=picked.id,
        expects=tuple(Expectation(point=each.point, cues=each.cues) for each in picked.shows),
    )


def _spoken(context: TurnContext) -> list[str]:
    """What the interviewer said, oldest first, the question that stands included."""
    said = [utterance.text for utterance in context.transcript if utterance.role == "interviewer"]
    return said if said and said[-1] == context.question.text else [*said, context.question.text]


def _worth_taking_up(kind: Claim, claim: str, context: TurnContext, spoken: list[str]) -> bool:
    """Not what the interviewer brought up, or took up before; nor the company's name, or the job's."""
    low = claim.lower()
    if any(low in text.lower() for text in spoken):
        return False
    if kind == "ownership":
        return True
    # Of a long conversation only the newest part is at hand: a name or number may have been taken up before that.
    whole = not context.transcript or context.transcript[0].turn <= 0
    names = f"{context.config.company_name} {context.config.job_role}"
    return whole and (kind == "number" or low not in words_of(names))


def _quoted(claim: str) -> str:
    return f"'{claim}'" if '"' in claim else f'"{claim}"'


def _still_missing(context: TurnContext) -> tuple[Expectation, ...]:
    answer = context.answer.lower()
    return tuple(each for each in context.question.expects if not any(cue in answer for cue in each.cues))


def _lower_first(text: str) -> str:
    first = text.split(" ", 1)[0]
    return text if first in {"I", "I'm"} or first.isupper() else text[0].lower() + text[1:]
