"""What the coach publishes when something happened, and when it stays silent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest
from coach.application import Coach
from coach.engines import ReportMaterial
from coach.engines.scripted import ScriptedEngine
from coach.main import build
from coach.settings import CoachSettings
from coach_cases import ANSWERS, ENCODER, NOW, PAYMENT, context, turn
from contracts import Event, Payload, derived_id
from contracts.coach.events import FeedbackGiven, ReportWritten
from contracts.session.asks import Transcript, TranscriptAsk
from contracts.session.events import AnswerRecorded, Paused, ReportDue
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.hearing import SpokenAnswer
from contracts.vocabulary.judgement import Feedback
from contracts.vocabulary.report import Report
from runtime.errors import Permanent

SESSION = UUID(int=1)
USER = UUID(int=2)


class FakePublisher:
    def __init__(self) -> None:
        self.published: list[Event[Payload]] = []

    async def publish(self, event: Event[Payload]) -> None:
        self.published.append(event)


class Recording(ScriptedEngine):
    material: ReportMaterial

    async def report(self, material: ReportMaterial) -> Report:
        self.material = material
        return await super().report(material)


def event(payload: Payload) -> Event[Payload]:
    return Event(
        id=UUID(int=3),
        type=payload.TYPE,
        schema_version=payload.SCHEMA_VERSION,
        subject_id=SESSION,
        user_id=USER,
        correlation_id=UUID(int=4),
        occurred_at=NOW,
        data=payload,
    )


def pages(*parts: Transcript) -> tuple[list[TranscriptAsk], Callable[[TranscriptAsk], Awaitable[Transcript]]]:
    asked: list[TranscriptAsk] = []

    async def ask(question: TranscriptAsk) -> Transcript:
        asked.append(question)
        return parts[len(asked) - 1]

    return asked, ask


def coach(*parts: Transcript) -> tuple[Coach, FakePublisher, Recording, list[TranscriptAsk]]:
    publisher, engine = FakePublisher(), Recording(ENCODER)
    asked, ask = pages(*parts)
    return Coach(engine, publisher, ask, lambda: NOW), publisher, engine, asked


def answer_recorded(with_context: bool = True) -> AnswerRecorded:
    text = ANSWERS[PAYMENT]["strong"]
    return AnswerRecorded(
        turn=2,
        revision=1,
        question_id=UUID(int=5),
        text=text,
        context=context(PAYMENT, text) if with_context else None,
    )


@pytest.mark.parametrize(("seconds", "judged"), [(30, 0), (1, 1), (-30, 1)], ids=["review", "clock behind", "over"])
async def test_what_may_still_be_corrected_is_not_judged_yet(seconds: float, judged: int) -> None:
    handler, publisher, _, _ = coach()
    spoken = SpokenAnswer(recording="r", duration=9, confidence=1, review_until=NOW + timedelta(seconds=seconds))
    answer = answer_recorded()
    aloud = answer.model_copy(update={"context": answer.context.model_copy(update={"spoken": spoken})})
    await handler.handle(event(aloud))
    assert len(publisher.published) == judged


async def test_an_answer_gets_feedback() -> None:
    handler, publisher, _, _ = coach()
    cause = event(answer_recorded())
    await handler.handle(cause)
    (given,) = publisher.published
    assert isinstance(given.data, FeedbackGiven)
    assert (given.data.turn, given.data.revision) == (2, 1)
    assert given.data.feedback.score is not None
    assert given.id == derived_id(cause.id, "coach.feedback_given.v1")
    assert (given.subject_id, given.user_id, given.causation_id) == (SESSION, USER, cause.id)


@pytest.mark.parametrize(
    "said", ["I'm going to kill myself.", "I am crying, sorry.", "Können wir hier aufhören?", "给我五分钟"]
)
async def test_what_is_no_answer_reaches_no_engine_and_gets_no_score(said: str) -> None:
    handler, publisher, engine, _ = coach()
    recorded = answer_recorded()
    recorded = recorded.model_copy(update={"text": said, "context": context(PAYMENT, said)})

    async def never(_: object) -> Feedback:
        raise AssertionError("an engine was asked")

    engine.evaluate = never  # type: ignore[method-assign]
    await handler.handle(event(recorded))
    feedback = publisher.published[0].data.feedback
    assert not feedback.judged and feedback.score is None and feedback.text


async def test_coming_back_from_a_pause_is_not_judged_either() -> None:
    handler, publisher, _, _ = coach()
    back = context(PAYMENT, "yes").model_copy(update={"remarks": ("needs_pause",)})
    await handler.handle(event(answer_recorded().model_copy(update={"text": "yes", "context": back})))
    assert not publisher.published[0].data.feedback.judged


async def test_an_answer_without_its_context_is_hopeless() -> None:
    handler, publisher, _, _ = coach()
    with pytest.raises(Permanent):
        await handler.handle(event(answer_recorded(with_context=False)))
    assert not publisher.published


async def test_a_report_is_written_from_all_pages_of_the_transcript() -> None:
    first = Transcript(
        found=True, config=SessionConfig(job_role="Tester"), turns=(turn(0, PAYMENT, "ok"),), next_turn=1
    )
    second = Transcript(found=True, turns=(turn(1, PAYMENT, ANSWERS[PAYMENT]["strong"]),))
    handler, publisher, engine, asked = coach(first, second)
    await handler.handle(event(ReportDue(version=3)))
    (written,) = publisher.published
    assert isinstance(written.data, ReportWritten) and written.data.version == 3
    assert [each.from_turn for each in asked] == [0, 1]
    assert {(each.session_id, each.user_id) for each in asked} == {(SESSION, USER)}
    assert engine.material.config.job_role == "Tester"
    assert [each.turn for each in engine.material.turns] == [0, 1]


async def test_nothing_is_written_about_an_erased_session() -> None:
    handler, publisher, _, _ = coach(Transcript(found=False))
    await handler.handle(event(ReportDue(version=1)))
    assert not publisher.published


async def test_a_session_erased_between_two_pages_gets_no_report() -> None:
    first = Transcript(found=True, config=SessionConfig(), turns=(), next_turn=1)
    handler, publisher, _, _ = coach(first, Transcript(found=False))
    await handler.handle(event(ReportDue(version=1)))
    assert not publisher.published


async def test_other_events_are_ignored() -> None:
    handler, publisher, _, _ = coach()
    await handler.handle(event(Paused()))
    assert not publisher.published


def test_the_service_is_wired_to_its_durable() -> None:
    assert build(CoachSettings()).durables == ("coach",)
