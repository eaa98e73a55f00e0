"""A live conversation: what a speaker says comes in pieces, and the silence before an answer to it never gets long.

While the candidate speaks, the small model acknowledges every few seconds of new words. When they have finished, the
full reply is sent if it comes within a second; else the last acknowledgement at once, or a filler, and the reply when
it comes.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from uuid import UUID

import nats.errors
from contracts import Event, Payload
from contracts.interviewer.asks import AcknowledgeAsk, Acknowledgement
from contracts.interviewer.live import ReplyDelta
from contracts.session.asks import Message, SessionStatus, View
from contracts.session.events import (
    AnswerRecorded,
    AnswerRepeated,
    Completed,
    Erased,
    Paused,
    QuestionAsked,
    Refused,
    Rephrased,
    Reset,
    Resumed,
)
from contracts.text import storable
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.limits import MAX_ANSWER
from contracts.vocabulary.provenance import Provenance
from runtime.tasks import end

from gateway.bus.commands import ENDED, Caller
from gateway.problems import Problem
from gateway.usecases.queries import over_in, question_message
from gateway.usecases.utterances import joined, spoken_words

MessageKind = Literal["chunk", "final", "control"]
State = Literal["waiting_for_user_input", "processing_answer", "generating_question", "completed"]


@dataclass(frozen=True)
class Asked:
    """The interviewer said something, in full."""

    message: Message


@dataclass(frozen=True)
class AskedAgain:
    """The current question once more, since the candidate wants to hear it again."""

    text: str


@dataclass(frozen=True)
class Acknowledged:
    """A few words that show the candidate that they are heard; without `provenance` where they were said before."""

    text: str
    provenance: Provenance | None = None


@dataclass(frozen=True)
class Bridged:
    """A few words while the reply is late, where nothing was said yet in this turn."""

    text: str
    engine: str


@dataclass(frozen=True)
class Drafted:
    """The reply as far as it is written; it replaces the draft before."""

    text: str


@dataclass(frozen=True)
class StateChanged:
    """Whose turn it is now."""

    state: State
    sentence: str


@dataclass(frozen=True)
class Failed:
    """What was said could not be taken, or cannot go on; a sentence for a person."""

    sentence: str


@dataclass(frozen=True)
class Ended:
    """The interview is over; a closing sentence."""

    sentence: str


Notice = Asked | AskedAgain | Acknowledged | Bridged | Drafted | StateChanged | Failed | Ended
"""What the client is told; each dialect has its own words for it."""
Send = Callable[[Notice], Awaitable[None]]
PAUSED = "The interview is paused."
_SENTENCES: dict[State, str] = {
    "waiting_for_user_input": "Your turn.",
    "processing_answer": "Analyzing your answer...",
    "generating_question": "Preparing the next question...",
    "completed": "The interview is completed.",
}
NO_WORDS = "I did not hear any words. Please say that again."
TOO_LONG = "That is more than one answer can hold. What you said so far is kept; please finish."
MOST_WAITING = 5
"""Answers of one socket that may wait to be recorded."""
_WAITED = 30.0
TOO_MANY = (
    "Too many answers are waiting. What you said last was not taken: please say it again after the next question."
)
UNKNOWN_CONTROL = "This control is not known. There are: end_interview, pause, resume, repeat."
UNSTORABLE = "This text contains characters that cannot be stored. Please send it without them."
BEGUN_ANEW = "The interview was begun anew. Please connect again."
ERASED = "This interview is not there any more."
_LOOKS = 3
"""How often to look for a moment in which nothing happens; what happens later, the stream tells."""
_UNAVAILABLE = (nats.errors.Error, OSError, TimeoutError)


@dataclass(frozen=True)
class Timing:
    """All in seconds: between two acknowledgements, until a reply counts as late, between two drafts."""

    acknowledge_every: float = 2.0
    race: float = 1.0
    draft_every: float = 0.1


class Reads(Protocol):
    """What the chat needs to know of interviews."""

    async def must_exist(self, caller: Caller, session_id: UUID) -> SessionStatus: ...
    async def view(
        self, caller: Caller, session_id: UUID, *, messages: bool = False, feedback: bool = False
    ) -> View: ...
    async def acknowledge(self, ask: AcknowledgeAsk) -> Acknowledgement: ...


class UseCases(Protocol):
    """What the chat does with them."""

    async def start(self, caller: Caller, session_id: UUID) -> Message: ...
    async def say(self, caller: Caller, session_id: UUID, text: str, question_id: UUID | None) -> UUID: ...
    async def end(self, caller: Caller, session_id: UUID, *, cancel: bool = False) -> None: ...
    async def pause(self, caller: Caller, session_id: UUID) -> None: ...
    async def resume(self, caller: Caller, session_id: UUID) -> None: ...


@dataclass
class Turn:
    """What is known of the candidate's turn: the pieces so far, and what was said to them in it."""

    chunks: list[str] = field(default_factory=list)
    size: int = 0
    new_words: bool = False
    acknowledged_at: float | None = None
    acknowledgements: list[str] = field(default_factory=list)


class Chat:
    """One candidate on one socket. `send` takes what the client is told."""

    def __init__(
        self,
        use: UseCases,
        reads: Reads,
        caller: Caller,
        session_id: UUID,
        send: Send,
        timing: Timing = Timing(),
    ) -> None:
        self._use = use
        self._reads = reads
        self._caller = caller
        self._session_id = session_id
        self._send = send
        self._timing = timing
        self._turn = Turn()
        self._config = SessionConfig()
        self._question = ""
        self._question_id: UUID | None = None
        self._asked: Message | None = None
        self._mine: set[UUID] = set()
        self._waiting: dict[UUID, float] = {}
        self._reply_pending = False
        self._over = False
        self._draft = ""
        self._draft_of: tuple[int, int, int] = (0, 0, 0)
        self._draft_at = 0.0
        self._acknowledging: asyncio.Task[None] | None = None
        self._bridging: asyncio.Task[None] | None = None

    async def open(self) -> int:
        """Begin the interview, or say its state again; the stream version that the client has seen then.

        Raises Problem where there is nothing to go on with.
        """
        session = await self._reads.must_exist(self._caller, self._session_id)
        if session.status == "created":
            await self._state("generating_question")
            await self._use.start(self._caller, self._session_id)
        view, session = await self._snapshot()
        assert view.session is not None
        self._config = view.session.config
        await self._say_again(view, session)
        if session.status in ENDED:
            await self._finish()
        elif session.status == "paused":
            await self._state("waiting_for_user_input", PAUSED)
        else:
            await self._state("processing_answer" if session.reply_pending else "waiting_for_user_input")
        return view.session.version

    async def _snapshot(self) -> tuple[View, SessionStatus]:
        """What was said, and the session's status then. The reply may come between the two asks: the view is asked
        for first, so that the current question is never older than the one that the client is told."""
        for _ in range(_LOOKS):
            view = await self._reads.view(self._caller, self._session_id, messages=True)
            session = await self._reads.must_exist(self._caller, self._session_id)
            assert view.session is not None
            if session.version <= view.session.version:
                break
        return view, session

    async def _say_again(self, view: View, session: SessionStatus) -> None:
        """The current question."""
        self._question_id, self._reply_pending = session.question_id, session.reply_pending
        spoken = [message for message in view.messages if message.role == "assistant"]
        if spoken:
            self._asked, self._question = spoken[-1], spoken[-1].content
            await self._send(Asked(spoken[-1]))

    @property
    def over(self) -> bool:
        """The interview is over, and said to be."""
        return self._over

    @property
    def reply_pending(self) -> bool:
        """Something is about to happen, and is not to be missed for long."""
        return self._reply_pending or bool(self._waiting)

    async def close(self) -> None:
        """Stop what is under way."""
        for task in (self._acknowledging, self._bridging):
            await _stopped(task)

    # What the client says

    async def receive(self, kind: MessageKind, text: str) -> None:
        """A piece of an answer, its end, or a control. What is wrong with it is answered with an error."""
        if not storable(text):
            await self.fail(UNSTORABLE)
            return
        handlers = {"chunk": self._chunk, "final": self._final, "control": self._control}
        try:
            await handlers[kind](text)
        except Problem as problem:
            await self.fail(problem.detail)

    async def _chunk(self, text: str) -> None:
        if not spoken_words(text):
            return
        if self._turn.size + len(text) > MAX_ANSWER:
            await self.fail(TOO_LONG)
            return
        turn = self._turn
        turn.chunks.append(text)
        turn.size += len(text)
        turn.new_words = True
        now = asyncio.get_running_loop().time()
        if turn.acknowledged_at is None:
            turn.acknowledged_at = now
        busy = self._acknowledging is not None and not self._acknowledging.done()
        if now - turn.acknowledged_at >= self._timing.acknowledge_every and not busy:
            turn.acknowledged_at, turn.new_words = now, False
            self._acknowledging = asyncio.create_task(self._acknowledge(turn))

    async def _acknowledge(self, turn: Turn) -> None:
        with contextlib.suppress(*_UNAVAILABLE):
            reply = await self._reads.acknowledge(self._ask(turn, thinking=False))
            if turn is self._turn:  # else the candidate has finished meanwhile
                turn.acknowledgements.append(reply.text)
                await self._send(Acknowledged(reply.text, reply.provenance))

    async def _final(self, text: str) -> None:
        turn, self._turn = self._turn, Turn()
        answer = joined(turn.chunks, text)
        if not spoken_words(answer):
            await self._state("waiting_for_user_input", NO_WORDS)
            return
        if len(answer) > MAX_ANSWER:
            self._turn = turn
            await self.fail(TOO_LONG)
            return
        if self._is_flooded():
            self._turn = turn
            await self.fail(TOO_MANY)
            return
        await _stopped(self._acknowledging)
        await _stopped(self._bridging)
        await self._state("processing_answer")
        message_id = await self._use.say(self._caller, self._session_id, answer, self._question_id)
        self._mine.add(message_id)
        self._waiting[message_id] = asyncio.get_running_loop().time()
        self._bridging = asyncio.create_task(self._bridge(turn))

    def _is_flooded(self) -> bool:
        """Whether many answers wait to be recorded. One of which nothing is heard does not count for ever."""
        long_ago = asyncio.get_running_loop().time() - _WAITED
        self._waiting = {each: at for each, at in self._waiting.items() if at > long_ago}
        return len(self._waiting) >= MOST_WAITING

    async def _bridge(self, turn: Turn) -> None:
        """Something to hear while the reply is late."""
        await asyncio.sleep(self._timing.race)
        await self._state("generating_question")
        if turn.acknowledgements:
            await self._send(Acknowledged(turn.acknowledgements[-1]))
            return
        with contextlib.suppress(*_UNAVAILABLE):
            reply = await self._reads.acknowledge(self._ask(turn, thinking=True))
            await self._send(Bridged(reply.text, reply.provenance.engine))

    async def _control(self, control: str) -> None:
        actions: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
            "end_interview": lambda: self._use.end(self._caller, self._session_id),
            "pause": lambda: self._use.pause(self._caller, self._session_id),
            "resume": lambda: self._use.resume(self._caller, self._session_id),
            "repeat": self._repeat,
        }
        if control not in actions:
            await self.fail(UNKNOWN_CONTROL)
            return
        await actions[control]()

    async def _repeat(self) -> None:
        await self._send(AskedAgain(self._question))

    # What happens in the session

    async def on(self, item: Event[Payload] | ReplyDelta | None) -> None:
        """Tell the client what happened."""
        if item is None:
            return
        if isinstance(item, ReplyDelta):
            await self._on_draft(item)
            return
        self._waiting.pop(item.correlation_id, None)
        match item.data:
            case QuestionAsked():
                await self._on_question(item)
            case AnswerRecorded() | Rephrased():
                self._draft, self._reply_pending = "", True
                if item.correlation_id not in self._mine:
                    await self._state("processing_answer")
            case AnswerRepeated(turn=turn) if item.correlation_id in self._mine:
                await self._on_repeat(turn)
            case Refused(detail=detail, reason=reason) if item.correlation_id in self._mine:
                await _stopped(self._bridging)
                await self.fail(detail)
                if reason == "question_closed":  # ours is not the current question
                    await self._say_again(*await self._snapshot())
                await self._state("waiting_for_user_input")
            case Paused():
                await self._state("waiting_for_user_input", PAUSED)
            case Resumed():
                await self._state("waiting_for_user_input", "The interview goes on.")
            case Completed():
                await self._finish()
            case Reset():
                await self.fail(BEGUN_ANEW)
                self._over = True
            case Erased():
                await self.fail(ERASED)
                self._over = True
            case _:
                pass

    async def _on_question(self, event: Event[Payload]) -> None:
        await _stopped(self._bridging)
        self._draft, self._question_id, self._reply_pending = "", event.id, False
        message = question_message(event)
        self._asked, self._question = message, message.content
        await self._send(Asked(message))
        if message.response_type != "closing":
            await self._state("waiting_for_user_input")

    async def _on_repeat(self, turn: int) -> None:
        """The answer was sent again. Where its reply was there already, the current question is said again."""
        if self._asked is not None and self._asked.turn > turn:
            await _stopped(self._bridging)
            await self._send(Asked(self._asked))
            await self._state("waiting_for_user_input")

    async def _on_draft(self, delta: ReplyDelta) -> None:
        """Drafts are whole, and not more often than one can read: each replaces the one before."""
        place = (delta.turn, delta.revision, delta.attempt)
        if place < self._draft_of or (place == self._draft_of and delta.offset < len(self._draft)):
            return
        if place != self._draft_of:
            self._draft, self._draft_of, self._draft_at = "", place, 0.0
        if delta.offset != len(self._draft):
            return  # a piece is missing: the reply itself will have it
        self._draft += delta.text
        now = asyncio.get_running_loop().time()
        if now - self._draft_at >= self._timing.draft_every:
            self._draft_at = now
            await self._send(Drafted(self._draft))

    # What is sent

    async def _state(self, state: State, sentence: str = "") -> None:
        await self._send(StateChanged(state, sentence or _SENTENCES[state]))

    async def fail(self, sentence: str) -> None:
        """Tell the client that something did not work."""
        await self._send(Failed(sentence))

    async def _finish(self) -> None:
        self._over = True
        await self._state("completed")
        await self._send(Ended(over_in(self._config.language)))

    def _ask(self, turn: Turn, *, thinking: bool) -> AcknowledgeAsk:
        return AcknowledgeAsk(
            session_id=self._session_id,
            style=self._config.style,
            language=self._config.language,
            question=self._question,
            words=" ".join(turn.chunks)[-2000:],
            used=tuple(turn.acknowledgements),
            thinking=thinking,
        )


async def _stopped(task: asyncio.Task[None] | None) -> None:
    """Stop a task. Whoever stops it may be cancelled meanwhile, which is not for us to swallow."""
    if task is not None and not task.done():
        await end((task,))
        if not task.cancelled():
            task.exception()  # seen: there is nobody left to be told
