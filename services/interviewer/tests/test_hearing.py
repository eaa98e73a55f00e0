"""Answers of which words were hardly understood: none of those is taken up, and where they are most it asks again."""

from __future__ import annotations

from typing import get_args
from uuid import UUID

import pytest
from contracts.vocabulary.configuration import SessionConfig, Style
from contracts.vocabulary.hearing import Span, SpokenAnswer
from contracts.vocabulary.question import Question
from contracts.vocabulary.turn import Budget, TurnContext
from interviewer.bank import QuestionBank
from interviewer.director import guide
from interviewer.engine import Proposal
from interviewer.engines.fallback import FIXED, FallbackEngine
from interviewer.engines.scripted import ScriptedEngine
from interviewer.hearing import understood
from interviewer.languages import languages
from interviewer.queries import query_for
from interviewer.reading import AnswerKind, Reading, read
from interviewer.sayable import sayable
from interviewer_simulation import ENGINE, SESSION, answer, begin, silent

ANSWER = (
    "I introduced consistent hashing for our cache, which reduced rebalancing time by 73 percent. We ran it on Kafka "
    "and Postgres, and later I migrated every tenant to a cluster of its own."
)


async def heard(*guessed: str, confidence: float = 0.9, text: str = ANSWER) -> TurnContext:
    interview = await begin(SessionConfig(job_role="Backend Engineer", target_question_count=9))
    await answer(interview, "I am an engineer with ten years in payments, and I want to work on larger systems.")
    context = interview.context(text)
    places = ((text.index(words), len(words)) for words in guessed)
    unsure = tuple(Span(start=start, end=start + length) for start, length in places)
    said = context.transcript[-1].model_copy(update={"unsure": unsure})
    spoken = SpokenAnswer(recording="r", duration=9, confidence=confidence, unsure=unsure)
    return context.model_copy(update={"spoken": spoken, "transcript": (*context.transcript[:-1], said)})


async def reply(context: TurnContext) -> Proposal:
    guidance = guide(context, read(context.answer, context))
    return await ENGINE.propose(SESSION, understood(context), guidance, silent)


async def test_no_sentence_with_a_guess_is_said_back() -> None:
    whole, part = await heard(), await heard("hashing", "73", "Kafka")
    assert any("hashing" in sentence for sentence in sayable(read(ANSWER, whole).answer, english=True))
    said = sayable(read(ANSWER, part).answer, english=True)
    assert said and not any(word in sentence for sentence in said for word in ("hashing", "73", "Kafka"))


async def test_nothing_is_looked_for_by_a_guess() -> None:
    context = understood(await heard("hashing", "Kafka"))
    query = query_for(context, guide(context, read(context.answer, context)))
    assert "Postgres" in query and "Kafka" not in query and "hashing" not in query and "\u01bb" not in query


async def test_what_was_hardly_understood_is_asked_for_once() -> None:
    context = await heard(confidence=0.4)
    assert read(ANSWER, context).kind == "hardly_heard"
    found = await reply(context)
    assert (found.action, found.question.kind) == ("clarify", "clarification")
    assert not any(word in found.question.text for word in ("hashing", "Kafka", "tenant", "accent"))
    assert found.question.expects == context.question.expects
    again = await reply(context.model_copy(update={"clarified": True}))
    assert again.action == "new_question"


async def test_half_of_the_words_is_most_of_them() -> None:
    assert (await reply(await heard(ANSWER[: len(ANSWER) * 2 // 3]))).action == "clarify"
    assert read(ANSWER, await heard(ANSWER[: len(ANSWER) // 3])).kind == "answer"


async def test_misheard_words_are_neither_an_insult_nor_another_language() -> None:
    text = "First I look at the queue, this is such a shit question of order, and then I measure again."
    assert read(text, await heard("shit", text=text)).kind == "answer"
    text = "Ich denke wir haben das so gemacht. First I look at what changed in the queue and then measure it again."
    assert read(text, await heard("Ich denke wir haben das so gemacht", text=text)).kind == "answer"


async def test_that_somebody_is_ready_may_be_guessed() -> None:
    interview = await begin(SessionConfig(ask_consent=True))
    spoken = SpokenAnswer(recording="r", duration=1, confidence=0.2, unsure=(Span(start=0, end=3),))
    context = interview.context("Yes").model_copy(update={"spoken": spoken})
    assert (await reply(context)).action == "introduce"


@pytest.mark.parametrize("style", get_args(Style))
def test_every_language_asks_again_without_blame(style: Style) -> None:
    blaming = ("accent", "akzent", "acento", "pronunc", "pronon", "aussprache", "उच्चारण", "口音", "发音", "unclear")
    for spoken in languages():
        for text in spoken.reactions["hardly_heard"][style]:
            assert not any(word in text.lower() for word in blaming)


class NoModel:
    """A model that must not be asked."""

    async def propose(self, *_: object) -> Proposal:
        raise AssertionError("a model was asked")


@pytest.mark.parametrize("kind", sorted(FIXED))
async def test_no_model_speaks_to_somebody_in_need(kind: AnswerKind) -> None:
    asked = Question(kind="question", text="How do you find a slow query?", phase="technical")
    budget = Budget(asked=1, target=5, elapsed=0, duration=600, time_based=False)
    said = TurnContext(config=SessionConfig(), question=asked, answer="…", transcript=(), budget=budget)
    engine = FallbackEngine(NoModel(), ScriptedEngine(QuestionBank.load()))  # type: ignore[arg-type]
    proposal = await engine.propose(UUID(int=1), said, guide(said, Reading(kind)), SilentDraft())
    assert proposal.provenance.engine == "scripted" and not proposal.provenance.degraded
    assert proposal.question.text.endswith(asked.text)


class SilentDraft:
    async def say(self, text: str) -> None:
        return

    async def restart(self) -> None:
        return
