"""The simulated candidates and the checks: the scripted interviewer passes, and bad interviewers are found out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from contracts.interviewer.asks import AcknowledgeAsk, Acknowledgement
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.question import Question
from contracts.vocabulary.turn import TurnContext
from interviewer.bank import QuestionBank
from interviewer.engine import Draft, Guidance, Proposal
from interviewer.engines.scripted import ScriptedEngine

from evals.__main__ import Grades, evaluate, table
from evals.checks import CHECKS
from evals.labels import pools
from evals.listening.measuring import utterances
from evals.personas import PERSONAS

BANK = QuestionBank.load()
ROOT = Path(__file__).parents[2]
LISTS = (
    ROOT / "services/interviewer/interviewer",
    ROOT / "libs/listening/parley_listening",
    ROOT / "libs/text/parley_text",
)
DATA = {".py", ".yaml", ".txt", ".json"}


async def test_the_scripted_engine_passes_nine_of_ten_checks_with_everybody() -> None:
    grades = await evaluate(ScriptedEngine(BANK), BANK, each=3, seed=1)
    assert len(grades.interviews) == 3 * len(PERSONAS)
    assert grades.mean >= 0.95, table(grades, 0)
    # Word vectors hear only some of what leaves the subject; a sentence encoder hears more (docs/quality.md).
    # Rules hear few ways of not knowing, so that some are followed up like an answer.
    floors = {"off-topic": 0.8, "I don't know": 0.85}
    assert {n: each.rate for n, each in grades.personas.items() if each.rate < floors.get(n, 0.9)} == {}


def test_what_is_said_is_labelled_and_in_none_of_our_lists() -> None:
    own = [said for pool in pools().values() for said in pool]
    assert len(own) + len(utterances()) >= 300
    assert len({said.text for said in own}) == len(own) and all(said.then for said in own)
    texts = [path.read_text("utf-8").lower() for folder in LISTS for path in folder.rglob("*") if path.suffix in DATA]
    assert len(texts) > 20
    said = [each.text.lower().strip(".?! ") for each in own if each.kind not in {"silence", "unclear"}]
    assert [words for words in said if any(words in text for text in texts)] == []


async def test_every_check_is_looked_at() -> None:
    grades = await evaluate(ScriptedEngine(BANK), BANK, each=5, seed=2)
    assert len(CHECKS) >= 40
    assert set(CHECKS) == set(grades.checks)


class Spoilt:
    """The scripted engine, with what it says spoilt."""

    def __init__(self, spoil: Callable[[Question, TurnContext | None], Question]) -> None:
        self._engine = ScriptedEngine(BANK)
        self._spoil = spoil

    async def introduce(self, session_id: UUID, config: SessionConfig) -> Proposal:
        return self._spoilt(await self._engine.introduce(session_id, config), None)

    async def propose(self, session_id: UUID, context: TurnContext, guidance: Guidance, draft: Draft) -> Proposal:
        return self._spoilt(await self._engine.propose(session_id, context, guidance, draft), context)

    async def acknowledge(self, ask: AcknowledgeAsk) -> Acknowledgement:
        return await self._engine.acknowledge(ask)

    def _spoilt(self, said: Proposal, context: TurnContext | None) -> Proposal:
        question = self._spoil(said.question, context)
        return Proposal(said.action, question, said.reasoning, said.provenance, said.exhausted)


def with_text(change: Callable[[str], str], *kinds: str) -> Callable[[Question, Any], Question]:
    return lambda question, _: (
        question.model_copy(update={"text": change(question.text)}) if question.kind in kinds else question
    )


def leaking(question: Question, _: Any) -> Question:
    said = " ".join(point.point for point in question.expects)
    return question.model_copy(update={"text": f"Remember: {said}. {question.text}"}) if question.expects else question


def always_hard(question: Question, _: Any) -> Question:
    return question.model_copy(update={"difficulty": "hard"}) if question.kind == "question" else question


SPOILT: dict[str, Callable[[Question, Any], Question]] = {
    "asks one thing at a time": with_text(lambda text: text + " And why? And when?", "question"),
    "uses no stock openers": with_text(lambda text: "Great answer! " + text, "question", "follow_up"),
    "never asks the same again": with_text(lambda _: "What is your greatest weakness?", "question"),
    "speaks briefly": with_text(lambda text: "Well, you see, " * 40 + text, "question"),
    "uses no markup": with_text(lambda text: f"**Interviewer:** {text}", "question"),
    "does not judge aloud": with_text(lambda text: f"That is correct. {text}", "follow_up", "question"),
    "stays in its role": with_text(lambda text: f"As an AI, {text}", "clarification", "question"),
    "asks nothing protected": with_text(lambda _: "Are you married?", "question"),
    "closing asks nothing": with_text(lambda text: text + " Any questions?", "closing"),
    "asks something in each turn": with_text(lambda _: "I see.", "question"),
    "follow ups refer to the answer": lambda question, _: (
        question.model_copy(update={"text": "Why is grass green?", "bank_id": "x"})
        if question.kind == "follow_up"
        else question
    ),
    "says nothing untrue about what was said or written": with_text(
        lambda _: 'You said "I wrote all of Linux in a weekend". How?', "follow_up"
    ),
    "gives nothing away": leaking,
    "never gets harder for weak candidates": always_hard,
}


@pytest.mark.parametrize("name", SPOILT)
async def test_a_bad_interviewer_is_found_out(name: str) -> None:
    some = [persona for persona in PERSONAS if persona.name in {"average", "weak", "timid"}]
    grades = await evaluate(Spoilt(SPOILT[name]), BANK, each=3, personas=some)
    assert grades.checks[name].rate < 0.8, table(grades, 0)


def test_the_table_names_what_failed_and_by_whom() -> None:
    grades = Grades()
    grades.interviews.append(0.5)
    grades.personas["timid"].add(False)
    grades.checks["speaks briefly"].add(False)
    grades.failed_by["speaks briefly"].add("timid")
    shown = table(grades, 1.0)
    assert "mean pass rate 0.500" in shown and "speaks briefly" in shown and "timid" in shown
