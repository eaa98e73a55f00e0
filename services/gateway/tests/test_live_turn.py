"""The live chat: what is sent when, whatever the client and the interviewer do."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from contracts import Event, Payload
from contracts.interviewer.asks import AcknowledgeAsk, Acknowledgement
from contracts.interviewer.live import ReplyDelta
from contracts.session.asks import Message, SessionStatus, SessionView, View
from contracts.session.events import (
    AnswerRecorded,
    AnswerRepeated,
    Completed,
    Erased,
    Paused,
    QuestionAsked,
    Refused,
    Reset,
)
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.limits import MAX_ANSWER
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.question import Question
from gateway.bus.commands import Caller
from gateway.dialects.live_chat.shapes import messages
from gateway.dialects.live_chat.socket import hear
from gateway.problems import Problem
from gateway.usecases import live_turn as chat_module
from gateway.usecases.live_turn import MOST_WAITING, NO_WORDS, TOO_MANY, UNSTORABLE, Chat, Notice, Timing, _stopped
from gateway.usecases.utterances import joined
from nats.errors import NoRespondersError

SESSION_ID = uuid4()
NOW = datetime.now(UTC)
SCRIPTED = Provenance(engine="scripted")
TIMING = Timing(acknowledge_every=0.02, race=0.05, draft_every=0.0)


@dataclass
class Interviews:
    """Use cases that do what they are told, and remember it."""

    status: Any = "active"
    reply_pending: bool = False
    spoken: list[str] = field(default_factory=lambda: ["Welcome. Who are you?"])
    said: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    asked: list[AcknowledgeAsk] = field(default_factory=list)
    deaf: bool = False
    message_id: UUID = field(default_factory=uuid4)

    async def must_exist(self, caller: Caller, session_id: UUID) -> SessionStatus:
        return SessionStatus(status=self.status, version=3, question_id=uuid4(), reply_pending=self.reply_pending)

    async def start(self, caller: Caller, session_id: UUID) -> Message:
        self.status = "active"
        self.done.append("start")
        return self._messages()[-1]

    async def view(self, caller: Caller, session_id: UUID, *, messages: bool = False, feedback: bool = False) -> View:
        session = SessionView(
            session_id=session_id, user_id=None, status=self.status, version=3, config=SessionConfig(), created_at=NOW,
            started_at=NOW, ended_at=None, updated_at=NOW, elapsed=0, questions_asked=1, answers=0, utterances=1,
            total_response_time=0, api_calls=1, total_tokens=0, report_status="none",
        )  # fmt: skip
        return View(session=session, messages=tuple(self._messages()))

    def _messages(self) -> list[Message]:
        return [
            Message(seq=n, role="assistant", content=text, created_at=NOW, turn=n, response_type="question")
            for n, text in enumerate(self.spoken)
        ]

    async def say(self, caller: Caller, session_id: UUID, text: str, question_id: UUID | None) -> UUID:
        self.said.append(text)
        return self.message_id

    async def end(self, caller: Caller, session_id: UUID, *, cancel: bool = False) -> None:
        self.done.append("end")

    async def pause(self, caller: Caller, session_id: UUID) -> None:
        self.done.append("pause")

    async def resume(self, caller: Caller, session_id: UUID) -> None:
        raise Problem(400, "That is not possible.")

    async def acknowledge(self, ask: AcknowledgeAsk) -> Acknowledgement:
        if self.deaf:
            raise NoRespondersError
        self.asked.append(ask)
        return Acknowledgement(text=f"Okay {len(self.asked)}.", provenance=SCRIPTED)


@dataclass
class Line:
    """A chat, and what was sent on it."""

    use: Interviews = field(default_factory=Interviews)
    sent: list[dict[str, Any]] = field(default_factory=list)
    chat: Chat = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        self.chat = Chat(self.use, self.use, Caller(None), SESSION_ID, self.send, TIMING)

    async def send(self, notice: Notice) -> None:
        self.sent += [each.model_dump(mode="json", exclude_none=True) for each in messages(notice)]

    async def say(self, kind: str, payload: Any = "", **more: Any) -> None:
        await hear(self.chat, {"type": kind, "payload": payload, **more})

    def kinds(self) -> list[str]:
        return [each.get("state") or each["type"] for each in self.sent]

    def payloads(self, kind: str, **fields: Any) -> list[str]:
        return [
            each["payload"]
            for each in self.sent
            if each["type"] == kind and all(each.get(name) == value for name, value in fields.items())
        ]


@pytest.fixture
async def line() -> Any:
    line = Line()
    await line.chat.open()
    line.sent.clear()
    yield line
    await line.chat.close()


def event(data: Payload, *, request: UUID | None = None) -> Event[Payload]:
    return Event[Payload](
        id=uuid4(), type=data.TYPE, schema_version=data.SCHEMA_VERSION, subject_id=SESSION_ID,
        correlation_id=request or uuid4(), occurred_at=NOW, stream_version=4, data=data,
    )  # fmt: skip


def asked(text: str = "And then?", kind: Any = "question") -> Event[Payload]:
    question = Question(kind=kind, text=text, phase="technical")
    return event(
        QuestionAsked(turn=1, question=question, number=1, action="new_question", reasoning="", provenance=SCRIPTED)
    )


def delta(text: str, offset: int, attempt: int = 1, turn: int = 1) -> ReplyDelta:
    return ReplyDelta(turn=turn, revision=1, attempt=attempt, offset=offset, text=text)


# Opening


async def test_the_first_question_is_sent_on_connect() -> None:
    line = Line(Interviews(status="created"))
    assert await line.chat.open() == 3
    assert line.use.done == ["start"]
    assert line.kinds() == ["generating_question", "llm_response", "waiting_for_user_input"]
    assert line.payloads("llm_response", tentative=False) == ["Welcome. Who are you?"]


async def test_reconnecting_resumes_at_the_current_question() -> None:
    line = Line(Interviews(spoken=["Welcome.", "Why?"]))
    await line.chat.open()
    assert line.payloads("llm_response") == ["Why?"] and not line.use.done


async def test_reconnecting_while_a_reply_is_due_says_so() -> None:
    line = Line(Interviews(reply_pending=True))
    await line.chat.open()
    assert line.kinds()[-1] == "processing_answer"


async def test_what_is_over_is_said_to_be() -> None:
    line = Line(Interviews(status="completed"))
    await line.chat.open()
    assert line.kinds()[-3:] == ["completed", "interview_end", "end"] and line.chat.over


# Speaking


async def test_chunks_are_acknowledged_every_so_often_of_new_words(line: Line) -> None:
    await line.say("chunk", "I built")
    assert not line.sent, "not at once"
    for number in range(3):
        await asyncio.sleep(0.03)
        await line.say("chunk", f"a parser {number}")
        await asyncio.sleep(0.01)
    assert line.payloads("llm_response", tentative=True) == ["Okay 1.", "Okay 2.", "Okay 3."]
    assert line.use.asked[2].words.startswith("I built a parser 0") and line.use.asked[2].used == ("Okay 1.", "Okay 2.")


async def test_silence_is_not_acknowledged(line: Line) -> None:
    await line.say("chunk", "I built")
    await asyncio.sleep(0.03)
    await line.say("chunk", "  ")
    await asyncio.sleep(0.01)
    assert not line.sent


async def test_a_reply_in_time_is_sent_alone(line: Line) -> None:
    await line.say("final", "I built a parser.")
    await line.chat.on(asked())
    await asyncio.sleep(0.08)
    assert line.use.said == ["I built a parser."]
    assert line.kinds() == ["processing_answer", "llm_response", "waiting_for_user_input"]
    assert line.payloads("llm_response", tentative=False) == ["And then?"]


async def test_an_answer_that_is_sent_again_after_its_reply_gets_the_question_again() -> None:
    line = Line(Interviews(spoken=["Welcome.", "Why?"]))  # somebody reconnected, and the reply was there
    await line.chat.open()
    line.sent.clear()
    await line.say("final", "I built a parser.")
    await line.chat.on(event(AnswerRepeated(turn=0, request_id=uuid4()), request=line.use.message_id))
    await asyncio.sleep(0.08)
    assert line.kinds() == ["processing_answer", "llm_response", "waiting_for_user_input"]
    assert line.payloads("llm_response", tentative=False) == ["Why?"]


async def test_an_answer_that_is_sent_again_while_its_reply_is_due_waits_for_it() -> None:
    line = Line(Interviews(spoken=["Welcome.", "Why?"], reply_pending=True))
    await line.chat.open()
    line.sent.clear()
    await line.say("final", "It was fast.")
    await line.chat.on(event(AnswerRepeated(turn=1, request_id=uuid4()), request=line.use.message_id))
    assert line.kinds() == ["processing_answer"]
    await line.chat.close()


@pytest.mark.parametrize("kind", ["chunk", "final"])
@pytest.mark.parametrize("payload", ["I built\0 a parser", "I built \ud83d a parser"], ids=["NUL", "surrogate"])
async def test_what_cannot_be_stored_is_an_error_and_the_chat_goes_on(line: Line, kind: str, payload: str) -> None:
    await line.say(kind, payload)
    assert line.payloads("error") == [UNSTORABLE] and line.use.said == []
    await line.say("final", "I built a parser.")
    assert line.use.said == ["I built a parser."]


async def test_a_late_reply_is_bridged_by_the_last_acknowledgement(line: Line) -> None:
    await line.say("chunk", "I built")
    await asyncio.sleep(0.03)
    await line.say("chunk", "a parser")
    await asyncio.sleep(0.01)
    await line.say("final", "I built a parser.")
    await asyncio.sleep(0.08)
    await line.chat.on(asked())
    assert line.payloads("llm_response") == ["Okay 1.", "Okay 1.", "And then?"]
    assert "generating_question" in line.kinds()


async def test_a_late_reply_without_an_acknowledgement_is_bridged_by_a_filler(line: Line) -> None:
    await line.say("final", "I built a parser.")
    await asyncio.sleep(0.08)
    assert line.payloads("mini_llm_filler") == ["Okay 1."] and line.use.asked[0].thinking


async def test_without_the_small_model_the_reply_comes_all_the_same(line: Line) -> None:
    line.use.deaf = True
    await line.say("chunk", "I built")
    await asyncio.sleep(0.03)
    await line.say("chunk", "a parser")
    await line.say("final", "I built a parser.")
    await asyncio.sleep(0.08)
    await line.chat.on(asked())
    assert line.payloads("llm_response") == ["And then?"] and not line.payloads("error")


async def test_a_final_without_text_is_what_came_in_pieces(line: Line) -> None:
    await line.say("chunk", "I built")
    await line.say("chunk", "a parser.")
    await line.say("final", None)
    assert line.use.said == ["I built a parser."]


@pytest.mark.parametrize(
    ("chunks", "final", "whole"),
    [
        (["I built", "a parser"], "I built a parser in Rust.", "I built a parser in Rust."),
        (["I build", "the parser"], "I built the parser.", "I built the parser."),
        (["I built a parser"], "And it was fast.", "I built a parser And it was fast."),
        ([], "Only this.", "Only this."),
        (["我建了"], "一个解析器", "我建了 一个解析器"),
        (["The quick brown", "The quick brown fox"], "The quick brown fox jumps.", "The quick brown fox jumps."),
        (["The quick brown", "The quick brown fox jumps"], "", "The quick brown fox jumps"),
        (["It was slow.", "I built", "I built a pars", "I built a parser"], "", "It was slow. I built a parser"),
        (["very", "very fast"], "indeed", "very very fast indeed"),
    ],
)
def test_nothing_is_lost_and_nothing_there_twice(chunks: list[str], final: str, whole: str) -> None:
    assert joined(chunks, final) == whole


async def test_words_are_not_kept_for_the_next_answer(line: Line) -> None:
    await line.say("chunk", "First.")
    await line.say("final", "First.")
    await line.chat.on(asked())
    await line.say("final", "Second.")
    assert line.use.said == ["First.", "Second."]


async def test_no_words_are_no_answer(line: Line) -> None:
    await line.say("final", " … ")
    assert line.use.said == [] and line.payloads("interview_state") == [NO_WORDS]


async def test_more_than_an_answer_can_hold_is_an_error_and_loses_nothing(line: Line) -> None:
    await line.say("chunk", "word " * 3000)
    await line.say("chunk", "word " * 3000)
    assert len(line.payloads("error")) == 1
    await line.say("final", "")
    assert len(line.use.said[0]) <= MAX_ANSWER


async def test_a_refused_answer_is_an_error_and_the_same_question_stands(line: Line) -> None:
    await line.say("final", "Too late.")
    refused = Refused(request="answer", reason="question_closed", detail="That question is closed.")
    await line.chat.on(event(refused, request=line.use.message_id))
    await line.chat.on(event(refused))  # somebody else's
    assert line.payloads("error") == ["That question is closed."]
    assert line.kinds()[-1] == "waiting_for_user_input"


# Drafts


async def test_drafts_grow_and_a_newer_attempt_begins_anew(line: Line) -> None:
    for each in (
        delta("And", 0),
        delta(" then", 3),
        delta("So", 0, attempt=2),
        delta(" late", 8),
        delta(" what", 2, 2),
    ):
        await line.chat.on(each)
    assert line.payloads("llm_response_draft") == ["And", "And then", "So", "So what"]


async def test_an_answer_from_elsewhere_is_shown_as_being_processed(line: Line) -> None:
    await line.chat.on(event(AnswerRecorded(turn=0, revision=1, question_id=uuid4(), text="Hello.")))
    assert line.kinds() == ["processing_answer"]


# Control


async def test_controls_are_carried_out(line: Line) -> None:
    await line.say("control", "pause")
    await line.chat.on(event(Paused()))
    await line.say("control", "repeat")
    await line.say("control", "end_interview")
    assert line.use.done == ["pause", "end"]
    assert line.payloads("llm_response") == ["Welcome. Who are you?"]


@pytest.mark.parametrize("control", ["dance", "", "END"])
async def test_an_unknown_control_is_an_error(line: Line, control: str) -> None:
    await line.say("control", control)
    assert line.kinds() == ["error"]


async def test_what_is_not_possible_is_an_error_with_its_sentence(line: Line) -> None:
    await line.say("control", "resume")
    assert line.payloads("error") == ["That is not possible."]


@pytest.mark.parametrize(
    "message", [None, [], "chunk", {}, {"type": 7}, {"type": "final", "payload": {"a": 1}}, {"type": "?"}]
)
async def test_a_malformed_message_is_an_error_and_the_chat_goes_on(line: Line, message: Any) -> None:
    await hear(line.chat, message)
    assert line.kinds() == ["error"]
    await line.say("final", "I built it.", is_final=True, timestamp="now")
    assert line.use.said == ["I built it."]


# The end


async def test_the_end_is_a_closing_sentence_and_both_kinds_of_end(line: Line) -> None:
    await line.say("final", "That was all.")
    await line.chat.on(asked("Goodbye.", "closing"))
    await line.chat.on(event(Completed(ending="budget", elapsed=3)))
    assert line.kinds() == ["processing_answer", "llm_response", "completed", "interview_end", "end"]
    assert line.chat.over


@pytest.mark.parametrize("gone", [Reset(), Erased()])
async def test_what_is_gone_is_said_to_be(line: Line, gone: Payload) -> None:
    await line.chat.on(event(gone))
    assert line.kinds() == ["error"] and line.chat.over


class Raced(Interviews):
    """The reply to the answer arrives between the first two things that a new socket asks, whichever these are."""

    def __init__(self) -> None:
        super().__init__(reply_pending=True)
        self.old, self.new = uuid4(), uuid4()
        self.version = 3
        self.questions: list[UUID | None] = []

    def _replied(self) -> None:
        if self.reply_pending:
            self.reply_pending, self.version = False, 4
            self.spoken.append("And what did you do then?")

    async def must_exist(self, caller: Caller, session_id: UUID) -> SessionStatus:
        question = self.old if self.reply_pending else self.new
        status = SessionStatus(
            status="active", version=self.version, question_id=question, reply_pending=self.reply_pending
        )
        self._replied()
        return status

    async def view(self, caller: Caller, session_id: UUID, *, messages: bool = False, feedback: bool = False) -> View:
        view = await super().view(caller, session_id, messages=messages)
        assert view.session
        view = view.model_copy(update={"session": view.session.model_copy(update={"version": self.version})})
        self._replied()
        return view

    async def say(self, caller: Caller, session_id: UUID, text: str, question_id: UUID | None) -> UUID:
        self.questions.append(question_id)
        return await super().say(caller, session_id, text, question_id)


async def test_a_reply_that_arrives_while_the_chat_opens_is_the_question_that_is_answered() -> None:
    use = Raced()
    line = Line(use)
    seen = await line.chat.open()
    assert seen == 4 and line.payloads("llm_response") == ["And what did you do then?"]
    assert line.kinds()[-1] == "waiting_for_user_input"
    await line.say("final", "I mended it.")
    assert use.questions == [use.new]
    await line.chat.close()


async def test_an_answer_to_a_question_that_has_closed_leads_to_the_one_that_stands() -> None:
    use = Raced()
    line = Line(use)
    await line.chat.open()
    use.new = uuid4()
    use.spoken.append("How did it end?")
    await line.say("final", "I mended it.")
    refused = Refused(request="gateway.user_message.v1", reason="question_closed", detail="That question is closed.")
    await line.chat.on(event(refused, request=use.message_id))
    assert line.payloads("error") == ["That question is closed."]
    assert line.payloads("llm_response")[-1] == "How did it end?"
    await line.say("final", "Well.")
    assert use.questions[-1] == use.new
    await line.chat.close()


async def test_who_is_cancelled_while_stopping_a_task_is_cancelled() -> None:
    stopping = asyncio.Event()

    async def lingers() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            stopping.set()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(0.2)

    async def stop() -> str:
        await _stopped(lingering)
        await asyncio.sleep(0)
        return "went on"

    lingering = asyncio.create_task(lingers())
    await asyncio.sleep(0)
    caller = asyncio.create_task(stop())
    await stopping.wait()
    caller.cancel()
    [outcome] = await asyncio.gather(caller, return_exceptions=True)
    assert isinstance(outcome, asyncio.CancelledError)
    await asyncio.gather(lingering, return_exceptions=True)


async def test_of_a_flood_of_answers_a_few_are_taken_until_they_are_recorded(line: Line) -> None:
    ids = [uuid4() for _ in range(20)]
    for message_id in ids:
        line.use.message_id = message_id
        await line.say("final", "I mended it.")
    assert len(line.use.said) == MOST_WAITING
    assert line.payloads("error") == [TOO_MANY] * (len(ids) - MOST_WAITING)
    recorded = AnswerRecorded(turn=1, revision=1, question_id=uuid4(), text="I mended it.")
    await line.chat.on(event(recorded, request=ids[0]))
    await line.say("final", "I mended it again.")
    assert line.use.said[-1] == "I mended it again." and len(line.use.said) == MOST_WAITING + 1


async def test_answers_of_which_nothing_is_heard_do_not_count_for_ever(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_module, "_WAITED", 0.0)
    for number in range(2 * MOST_WAITING):
        line.use.message_id = uuid4()
        await line.say("final", f"Part {number}.")
    assert len(line.use.said) == 2 * MOST_WAITING and line.payloads("error") == []


async def test_it_is_looked_often_only_while_a_reply_is_due(line: Line) -> None:
    assert not line.chat.reply_pending
    await line.say("final", "I mended it.")
    assert line.chat.reply_pending
    await line.chat.on(
        event(AnswerRecorded(turn=1, revision=1, question_id=uuid4(), text="x"), request=line.use.message_id)
    )
    assert line.chat.reply_pending
    await line.chat.on(asked())
    assert not line.chat.reply_pending
    waiting = Line(Interviews(reply_pending=True))
    await waiting.chat.open()
    assert waiting.chat.reply_pending
