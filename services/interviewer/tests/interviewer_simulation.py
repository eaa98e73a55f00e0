"""A whole interview in memory: keeps the context of each turn the way the session service does."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.listening import Remark
from contracts.vocabulary.question import Plan, Question
from contracts.vocabulary.turn import Budget, TurnContext, Utterance
from interviewer.application import LookUp, nothing_to_look_up
from interviewer.bank import QuestionBank
from interviewer.director import check, guide
from interviewer.engine import Engine, Guidance, Proposal
from interviewer.engines.scripted import ScriptedEngine
from interviewer.languages import language
from interviewer.planning import fitting_domains, make_plan
from interviewer.reading import read

BANK = QuestionBank.load()
ENGINE = ScriptedEngine(BANK)
SESSION = UUID("6f1d9a3e-0000-4000-8000-000000000001")
COUNTED = frozenset({"question", "follow_up"})
WINDOW_BYTES = 64 * 1024

PLAIN = (
    "First I would look at what changed in case {n}, then compare the two side by side until the cause is plain to see."
)
SHY = "It is nice to be here today."
"""An introduction that gives nothing to ask about."""
RICH = (
    "I introduced consistent hashing for case {n}, which reduced rebalancing time by {n}3 percent. We ran it on Kafka "
    "and Postgres, and later I migrated tenant number {n} to a cluster of its own."
)


class Silent:
    """A draft that nobody listens to."""

    async def say(self, text: str) -> None: ...

    async def restart(self) -> None: ...


silent = Silent()


def plan_for(config: SessionConfig) -> Plan:
    return make_plan(config, fitting_domains(config, BANK))


def session(number: int) -> UUID:
    return UUID(int=number * 7919 + 1, version=4)


@dataclass
class Turn:
    """One reply: the context and guidance it was made from, and what came of it."""

    context: TurnContext
    guidance: Guidance
    proposal: Proposal

    @property
    def question(self) -> Question:
        return self.proposal.question


@dataclass
class Interview:
    """What was said so far, and the rules by which the session service sums it up."""

    config: SessionConfig
    session_id: UUID
    asked: list[Question]
    answers: list[str] = field(default_factory=list)
    scores: list[float | None] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    elapsed: float = 0.0
    asked_before: tuple[str, ...] = ()
    heard: list[Remark | None] = field(default_factory=lambda: [None])
    """To what remark the interviewer's words are, if to any."""

    @property
    def introduction(self) -> Question:
        return self.asked[0]

    @property
    def questions(self) -> list[Question]:
        """What counts against the target."""
        return [each for each in self.asked if each.kind in COUNTED and each.phase != "closing"]

    @property
    def kinds(self) -> list[str]:
        return [question.kind for question in self.asked]

    def context(self, answer: str) -> TurnContext:
        current = self.asked[-1]
        return TurnContext(
            config=self.config,
            question=current,
            answer=answer,
            transcript=self._window(answer),
            asked_ids=tuple(dict.fromkeys(each.bank_id for each in self.asked if each.bank_id)),
            coverage=dict(Counter(each.domain for each in self.questions if each.domain)),
            budget=Budget(
                asked=len(self.questions),
                target=self.config.target_question_count,
                elapsed=self.elapsed,
                duration=self.config.interview_duration_minutes * 60,
                time_based=self.config.use_time_based_interview,
            ),
            follow_ups_in_row=self._follow_ups_in_row(),
            clarified=any(each is None for each in self._since_put()),
            remarks=tuple(each for each in self._since_put() if each is not None),
            scores=tuple(self.scores),
            plan=plan_for(self.config),
            asked_before=self.asked_before,
            covered=dict(Counter(each.phase for each in self.asked if each.kind == "question")),
        )

    def _since_put(self) -> list[Remark | None]:
        put = max(at for at, each in enumerate(self.asked) if at == 0 or each.kind != "clarification")
        return self.heard[put + 1 :]

    def _follow_ups_in_row(self) -> int:
        kinds = [kind for kind in reversed(self.kinds) if kind != "clarification"]
        return next((count for count, kind in enumerate(kinds) if kind != "follow_up"), len(kinds))

    def _window(self, answer: str) -> tuple[Utterance, ...]:
        room, newest_first = WINDOW_BYTES, []
        for turn in range(len(self.asked) - 1, -1, -1):
            said = answer if turn == len(self.asked) - 1 else self.answers[turn]
            for utterance in (
                Utterance(role="candidate", text=said, turn=turn),
                Utterance(role="interviewer", text=self.asked[turn].text, turn=turn),
            ):
                room -= len(utterance.text.encode())
                if room < 0 and newest_first:
                    return tuple(reversed(newest_first))
                newest_first.append(utterance)
        return tuple(reversed(newest_first))


Answering = Callable[[int, Question], str]


def always(text: str) -> Answering:
    """Answers every question alike; `{n}` is the turn's number."""
    return lambda number, question: text.replace("{n}", str(number))


def in_turn(*texts: str) -> Answering:
    """Answers with one text after the other, and from the beginning again."""
    return lambda number, question: texts[number % len(texts)].replace("{n}", str(number))


async def begin(config: SessionConfig, session_id: UUID = SESSION, engine: Engine = ENGINE) -> Interview:
    proposal = await engine.introduce(session_id, config)
    return Interview(config, session_id, [proposal.question])


async def answer(
    interview: Interview,
    text: str,
    *,
    engine: Engine = ENGINE,
    score: float | None = None,
    look_up: LookUp = nothing_to_look_up,
) -> Turn:
    """Answer what stands, and take in the reply."""
    context = interview.context(text)
    guidance = guide(context, read(text, context))
    guidance = replace(guidance, passages=look_up(None, context, guidance))
    proposal = check(await engine.propose(interview.session_id, context, guidance, silent), guidance)
    interview.answers.append(text)
    interview.scores.append(score)
    interview.asked.append(proposal.question)
    interview.heard.append(guidance.reading.remark)
    turn = Turn(context, guidance, proposal)
    interview.turns.append(turn)
    return turn


async def hold(
    answering: Answering = always(RICH),  # noqa: B008
    *,
    session_id: UUID = SESSION,
    engine: Engine = ENGINE,
    score: Callable[[int], float | None] = lambda number: 0.6,
    seconds: float = 20,
    look_up: LookUp = nothing_to_look_up,
    asked_before: tuple[str, ...] = (),
    **config: Any,
) -> Interview:
    """An interview from the introduction to the closing."""
    interview = await begin(SessionConfig(**config), session_id, engine)
    interview.asked_before = asked_before
    for number in range(1000):
        interview.elapsed += seconds
        text = answering(number, interview.asked[-1])
        turn = await answer(interview, text, engine=engine, score=score(number), look_up=look_up)
        if turn.question.kind == "closing":
            return interview
    raise AssertionError("the interview does not end")


ENGLISH = language("en")
OPENERS = sorted(
    {
        opener
        for table in (ENGLISH.transitions, ENGLISH.after_not_knowing, ENGLISH.leaving_it)
        for openers in table.values()
        for opener in openers
        if opener
    }
    | {template.split("{", 1)[0] for template in ENGLISH.building_on},
    key=len,
    reverse=True,
)


def opener_of(text: str) -> str:
    """The stock words that a text begins with, if any."""
    return next((opener for opener in OPENERS if text.startswith(opener)), "")


def bare(text: str) -> str:
    """A question without the stock words before it, for comparison."""
    return re.sub(r"\W+", " ", text[len(opener_of(text)) :].lower()).strip()
