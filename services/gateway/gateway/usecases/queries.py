"""What clients read of sessions, asked from the services that know."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from contracts import Event, Payload
from contracts.coach.asks import Sketch, SketchAsk
from contracts.interviewer.asks import AcknowledgeAsk, Acknowledgement
from contracts.session.asks import (
    FeedbackItem,
    History,
    HistoryAsk,
    ListAsk,
    Message,
    Outcome,
    Owner,
    OwnerAsk,
    Progress,
    ProgressAsk,
    ReportAnswer,
    ReportAsk,
    SessionList,
    SessionStatus,
    SessionView,
    Status,
    Transcript,
    TranscriptAsk,
    View,
    ViewAsk,
)
from contracts.session.events import QuestionAsked
from contracts.vocabulary.configuration import Dialect

from gateway.bus.commands import Caller, Commands, existing
from gateway.bus.shared_reads import SharedReads
from gateway.problems import NoSuchSession, Problem
from gateway.values import code_of

_OVER = {
    "en": "The interview is over. Thank you for your answers; the summary shows how it went.",
    "de": "Das Interview ist beendet. Vielen Dank für die Antworten; die Zusammenfassung zeigt, wie es gelaufen ist.",
    "es": "La entrevista ha terminado. Gracias por las respuestas; el resumen muestra cómo ha ido.",
    "fr": "L'entretien est terminé. Merci pour les réponses\u00a0; le résumé montre comment il s'est passé.",
    "hi": "इंटरव्यू समाप्त हो गया है। जवाबों के लिए धन्यवाद; सारांश में दिखेगा कि यह कैसा रहा।",
    "zh": "面试已经结束。感谢您的回答。总结会说明这次表现如何。",
}
SKETCH_SECONDS = 30.0
LISTED_AT_ONCE = 100
ACKNOWLEDGE_SECONDS = 2.0


class Queries:
    """Read side of sessions."""

    def __init__(self, commands: Commands) -> None:
        self._commands = commands
        self._views: SharedReads[View] = SharedReads()

    async def view(self, caller: Caller, session_id: UUID, *, messages: bool = False, feedback: bool = False) -> View:
        """The session with all that was asked for. Raises NoSuchSession."""
        key = (caller.user_id, session_id, messages, feedback)
        wanted = ViewAsk(session_id=session_id, user_id=caller.user_id, messages=messages, feedback=feedback)
        return await self._views.read(key, lambda: self._view(wanted))

    async def reported(self, caller: Caller, session_id: UUID, version: int | None) -> tuple[FeedbackItem, ...]:
        """The answers that a version of the report is about, with the feedback that it read. Raises NoSuchSession."""
        wanted = ViewAsk(session_id=session_id, user_id=caller.user_id, feedback=True, report_version=version)
        return (await self._view(wanted)).feedback

    async def _view(self, wanted: ViewAsk) -> View:
        transcript: list[Message] = []
        judged: list[FeedbackItem] = []
        while True:
            view = await self._commands.ask("session", "view", wanted, View)
            if view.session is None:
                raise NoSuchSession
            transcript.extend(view.messages)
            judged.extend(view.feedback)
            if view.next_seq is None and view.next_item is None:
                return view.model_copy(update={"messages": tuple(transcript), "feedback": tuple(judged)})
            wanted = wanted.model_copy(
                update={
                    "messages": view.next_seq is not None,
                    "feedback": view.next_item is not None,
                    "from_seq": view.next_seq or 0,
                    "from_item": view.next_item or 0,
                }
            )

    async def sessions(
        self,
        user_id: UUID,
        *,
        limit: int,
        offset: int = 0,
        statuses: tuple[Status, ...] = (),
        dialect: Dialect | None = None,
    ) -> SessionList:
        """A user's sessions, newest first, without their words."""
        found: list[SessionView] = []
        at: int | None = offset
        while at is not None and len(found) < limit:
            wanted = ListAsk(
                user_id=user_id,
                limit=min(limit - len(found), LISTED_AT_ONCE),
                offset=at,
                statuses=statuses,
                dialect=dialect,
            )
            part = await self._commands.ask("session", "list", wanted, SessionList)
            found.extend(part.sessions)
            at = part.next_offset
        return SessionList(sessions=tuple(found), next_offset=at)

    async def history(self, caller: Caller, session_id: UUID, after: int) -> History:
        """Events after a stream version."""
        wanted = HistoryAsk(session_id=session_id, user_id=caller.user_id, after=after)
        return await self._commands.ask("session", "history", wanted, History)

    async def expected(self, caller: Caller, session_id: UUID) -> dict[int, tuple[str, ...]]:
        """What good answers show, by turn, where that is known. Raises NoSuchSession."""
        found: dict[int, tuple[str, ...]] = {}
        at: int | None = 0
        while at is not None:
            wanted = TranscriptAsk(session_id=session_id, user_id=caller.user_id, from_turn=at)
            part = await self._commands.ask("session", "transcript", wanted, Transcript)
            if not part.found:
                raise NoSuchSession
            found |= {each.turn: tuple(point.point for point in each.question.expects) for each in part.turns}
            at = part.next_turn
        return found

    async def must_exist(self, caller: Caller, session_id: UUID) -> SessionStatus:
        """The session's status. Raises NoSuchSession."""
        return existing(await self._commands.outcome(caller, session_id))

    async def language(self, caller: Caller, session_id: UUID) -> str:
        """The language of an interview, such as "en". Raises NoSuchSession."""
        session = (await self.view(caller, session_id)).session
        assert session is not None
        return session.config.language

    async def outcome(self, caller: Caller, session_id: UUID, message_id: UUID | None = None) -> Outcome:
        """The session's status, and what came of a message."""
        return await self._commands.outcome(caller, session_id, message_id)

    async def report(self, caller: Caller, session_id: UUID, version: int | None = None) -> ReportAnswer:
        """A version of the report, the newest by default. Raises NoSuchSession."""
        wanted = ReportAsk(session_id=session_id, user_id=caller.user_id, version=version)
        answer = await self._commands.ask("session", "report", wanted, ReportAnswer)
        if not answer.found:
            raise NoSuchSession
        return answer

    async def progress(self, user_id: UUID) -> Progress:
        """How a user's reported sessions compare."""
        return await self._commands.ask("session", "progress", ProgressAsk(user_id=user_id), Progress)

    async def sketch(self, caller: Caller, session_id: UUID, turn: int) -> Sketch:
        """A better answer to the question of a turn. Raises NoSuchSession, and Problem for a turn without answer."""
        await self.must_exist(caller, session_id)
        wanted = SketchAsk(session_id=session_id, user_id=caller.user_id, turn=turn)
        sketch = await self._commands.ask("coach", "sketch", wanted, Sketch, timeout=SKETCH_SECONDS)
        if not sketch.found:
            raise Problem(400, "There is no answer in that turn to make a better one of.")
        return sketch

    async def owner(self, session_id: UUID) -> Caller:
        """Who a session belongs to: for sockets, whose path holds an unguessable id. Raises NoSuchSession."""
        owner = await self._commands.ask("session", "owner", OwnerAsk(session_id=session_id), Owner)
        if not owner.found:
            raise NoSuchSession
        return Caller(owner.user_id)

    async def acknowledge(self, ask: AcknowledgeAsk) -> Acknowledgement:
        """A few words while the candidate speaks or waits. Raises TimeoutError and nats errors: it may be left out."""
        return await self._commands.ask("interviewer", "acknowledge", ask, Acknowledgement, timeout=ACKNOWLEDGE_SECONDS)


def question_message(event: Event[Payload]) -> Message:
    """A question as clients see it, equal to what the read model says."""
    data = event.data
    assert isinstance(data, QuestionAsked)
    return Message(
        seq=event.stream_version or 0,
        id=event.id,
        role="assistant",
        content=data.question.text,
        created_at=event.occurred_at,
        turn=data.turn,
        response_type=data.response_type,
        metadata=data.public_metadata(),
    )


def over_in(language: str) -> str:
    """What is said after the end, in the language of the interview; in English where that is none of ours."""
    return _OVER.get(code_of(language), _OVER["en"])


def over_message(view: View) -> Message:
    """The same each time: it is as old as the end."""
    session = view.session
    at = session.ended_at if session else None
    return Message(
        seq=0,
        role="assistant",
        content=over_in(session.config.language if session else ""),
        created_at=at or datetime.now(UTC),
        turn=-1,
        response_type="status",
        metadata={"action": "none", "reasoning": "The interview is over.", "phase": "closing", "engine": "none"},
    )
