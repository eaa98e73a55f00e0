"""What clients do with sessions, in terms of messages: publish a request, wait for its recorded outcome."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from uuid import UUID, uuid4, uuid5

from contracts import Event, Payload
from contracts.gateway.events import (
    AnswerRetried,
    Command,
    ErasureRequested,
    InterviewEnded,
    InterviewPaused,
    InterviewResumed,
    InterviewStarted,
    RephraseRequested,
    ReportRequested,
    SessionReconfigured,
    SessionRequested,
    SessionReset,
    TranscriptCorrected,
    UserAudio,
    UserMessage,
)
from contracts.session.asks import EraseAnswer, EraseAsk, Message, SessionStatus
from contracts.session.events import (
    AnswerUnheard,
    Completed,
    Corrected,
    Created,
    Erased,
    Paused,
    QuestionAsked,
    Reconfigured,
    Refused,
    ReportDue,
    Reset,
    Resumed,
    Retried,
)
from contracts.words import MANY_WORDS, count_words
from nats.js.errors import APIError

from gateway.bus.aliases import Aliases
from gateway.bus.commands import (
    A_REPLY,
    ENDED,
    Caller,
    Commands,
    ExpectedOutcome,
    Late,
    existing,
    refusal,
    unless_refused,
)
from gateway.bus.idempotency import NAMESPACE, IdempotencyKeys, keyed, request_hash
from gateway.bus.speech_tasks import TaskRows
from gateway.bus.subscriptions import Subscriptions
from gateway.problems import Problem
from gateway.usecases.configuring import Wanted
from gateway.usecases.queries import Queries, over_message, question_message
from gateway.usecases.recordings import Recordings
from gateway.usecases.speech import Speech

ERASE_SECONDS = 20.0
BEGUN_ANEW = "The interview was begun anew in the meantime. Please start it."
_SAVED = "The reply is taking longer than usual. Your answer is saved; the reply will appear in the history."
_SEND_AGAIN = Late("We could not confirm your answer in time. Send it again: it counts once.", _SAVED)
_LOOK_FIRST = Late("We could not confirm your answer in time. Look at the history before you send it again.", _SAVED)
_CREATE = Late("We could not confirm the new interview in time. Please create it again.")
_RECONFIGURE = Late("We could not confirm the change in time. Look at the interview before you change it again.")
_START = Late(
    "We could not confirm the start in time. Start again: the interview begins once.",
    "The interview has begun, and its introduction is taking longer than usual. It will appear in the history.",
)
_END = Late("We could not confirm the end of the interview in time. End it again: it ends once.")
_PAUSE = Late("We could not confirm the pause in time. Pause again: a second time changes nothing.")
_RESUME = Late("We could not confirm in time that the interview goes on. Resume again: a second time changes nothing.")
_RESET = Late("We could not confirm the reset in time. Look at the history before you ask for it again.")
_REPHRASE = Late(
    "We could not confirm your request in time. Look at the history: if the question is not there in other words, ask"
    " again.",
    "Other words for the question are taking longer than usual. They will appear in the history.",
)
_CORRECT = Late("We could not confirm the correction in time. Send it again: it counts once.")
_RETRY = Late("We could not confirm your new attempt in time. Look at the feedback before you send it again.")
_REPORT = Late("We could not confirm your request for a new report in time. Look at the report before you ask again.")
_ERASE = Late("We could not confirm the erasure in time. Ask for it again: a second time changes nothing.")
GONE = ExpectedOutcome((Erased,), final=(Erased,), over=frozenset(), gone=True, late=_ERASE)
"""What an erasure waits for: that an interview is over, or was begun anew, is not enough."""


ALOUD = replace(A_REPLY, outcomes=(QuestionAsked, AnswerUnheard), patience=120.0)
"""What an answer in the form of a recording waits for: ten minutes of speech are not understood at once."""
_HEARING = (
    "Your recording is saved, and understanding it is taking longer than usual. What comes of it will appear in the"
    " history."
)


class NotUnderstood(Problem):
    """Nothing was understood of a recording: 400 where another one is wanted, 503 where recognition did not succeed."""

    def __init__(self, event: AnswerUnheard) -> None:
        ours = event.reason in ("busy", "unavailable")
        super().__init__(503 if ours else 400, event.message, {"Retry-After": "5"} if ours else {})


class Interviews:
    """What clients do with sessions."""

    def __init__(
        self,
        commands: Commands,
        queries: Queries,
        subscriptions: Subscriptions,
        keys: IdempotencyKeys,
        aliases: Aliases,
        recordings: Recordings,
        tasks: TaskRows,
        speech: Speech,
    ) -> None:
        self._commands = commands
        self._queries = queries
        self._subscriptions = subscriptions
        self._keys = keys
        self._aliases = aliases
        self._recordings = recordings
        self._tasks = tasks
        self._speech = speech

    # What clients ask for

    async def create(self, caller: Caller, wanted: Wanted) -> UUID:
        """A new session; the same one for a repeat under the caller's key."""
        session_id = await self.reserve(caller, wanted)
        await self.create_as(caller, session_id, wanted, is_new=caller.key is None)
        return session_id

    async def reserve(self, caller: Caller, wanted: Wanted, alias: str = "") -> UUID:
        """An id for a new session; a repeat under the caller's key gets the first one's. `alias` is the client's own
        id for it."""
        request = keyed(f"create {alias}".strip(), caller.owner, caller.key, request_hash(wanted.asked))
        return await self._keys.keep(request, uuid4()) if request else uuid4()

    async def create_as(self, caller: Caller, session_id: UUID, wanted: Wanted, *, is_new: bool = False) -> None:
        """The session with a reserved id, once, however many ask for it."""
        message_id = uuid5(NAMESPACE, f"create {session_id}")
        if not is_new and (await self._commands.outcome(caller, session_id, message_id)).event is not None:
            return
        command = SessionRequested(
            config=await wanted.complete(), dialect=wanted.dialect, request_hash=request_hash(wanted.asked)
        )
        await self._commands.request(caller, session_id, message_id, command, ExpectedOutcome((Created,), late=_CREATE))

    async def reconfigure(self, caller: Caller, session_id: UUID, wanted: Wanted) -> None:
        """Change what a request configures of a session that has not begun; the rest stays."""
        session = (await self._queries.view(caller, session_id)).session
        assert session is not None
        changed = await wanted.complete()
        fields = {name: getattr(changed, name) for name in changed.model_fields_set}
        for text, document in (("resume_content", "resume_id"), ("job_description", "job_description_id")):
            if text in fields:
                fields.setdefault(document, None)
        command = SessionReconfigured(
            config=session.config.model_copy(update=fields), request_hash=request_hash(wanted.asked)
        )
        await self._revise(caller, session_id, "reconfigure", command, Reconfigured, _RECONFIGURE)

    async def start(self, caller: Caller, session_id: UUID, wanted: Wanted | None = None) -> Message:
        """Begin, with another configuration if one is wanted; the introduction, or the current question when it began
        before."""
        return (await self.begin(caller, session_id, wanted))[0]

    async def begin(self, caller: Caller, session_id: UUID, wanted: Wanted | None = None) -> tuple[Message, bool]:
        """The same, and whether this request began it: one that is repeated under its key did, too."""
        body_hash = request_hash(wanted.asked if wanted else None)
        async with self._subscriptions.events(session_id) as queue:
            message_id, before = await self._commands.deduplicate(caller, session_id, "start", body_hash)
            session = existing(before)
            event = before.event
            if event is None and session.question_id is None and session.status not in ENDED:
                config = await wanted.complete() if wanted else None
                command = InterviewStarted(config=config, request_hash=body_hash)
                await self._commands.submit(caller, session_id, message_id, command, _START)
                expected = ExpectedOutcome((QuestionAsked,), whoever=(QuestionAsked,), begin=True, late=_START)
                event = await self._commands.wait(queue, caller, session_id, message_id, expected)
        if event and isinstance(unless_refused(event).data, QuestionAsked):
            return question_message(event), True
        return await self._last_words(caller, session_id), False

    async def answer(self, caller: Caller, session_id: UUID, said: str | bytes) -> Message:
        """Give an answer, in words or as a recording of them; the interviewer's reply, or a plain notice when the
        interview is over. Raises NotUnderstood where nothing is understood of a recording: the turn is not used up."""
        aloud = isinstance(said, bytes)
        body_hash = await asyncio.to_thread(_digest, said) if isinstance(said, bytes) else request_hash(said)
        async with self._subscriptions.events(session_id) as queue:
            message_id, before = await self._commands.deduplicate(caller, session_id, "message", body_hash)
            session = existing(before)
            event = before.event
            # Without a key the last words may be a repeat of the answer that the closing replied to: the session knows.
            if event is None and (session.status not in ENDED or not caller.key):
                certain = aloud or caller.key or count_words(str(said)) >= MANY_WORDS
                late = _SEND_AGAIN if certain else _LOOK_FIRST
                if not before.known:
                    command = await self._answering(caller, session, message_id, session_id, said, body_hash)
                    await self._commands.submit(caller, session_id, message_id, command, late)
                expected = replace(ALOUD if aloud else A_REPLY, late=replace(late, kept=_HEARING) if aloud else late)
                event = await self._commands.wait(queue, caller, session_id, message_id, expected)
                if caller.key and not before.known:
                    # Another body under this key may have been on its way: then this one was not recorded.
                    await self._commands.deduplicate(caller, session_id, "message", body_hash)
        return await self._reply(caller, session_id, event)

    async def _answering(
        self,
        caller: Caller,
        session: SessionStatus,
        message_id: UUID,
        session_id: UUID,
        said: str | bytes,
        body_hash: str,
    ) -> Command:
        keyed, question_id = bool(caller.key), session.question_id
        if isinstance(said, str):
            return UserMessage(text=said, question_id=question_id, keyed=keyed, request_hash=body_hash)
        recording = await self._recordings.keep(caller, f"{session_id}/{message_id}", said)
        return UserAudio(recording=recording, question_id=question_id, keyed=keyed, request_hash=body_hash)

    async def end(self, caller: Caller, session_id: UUID, *, cancel: bool = False) -> None:
        """End the interview; harmless when it is over."""
        command = InterviewEnded(reason="cancelled" if cancel else "ended", request_hash="end")
        await self._transition(caller, session_id, command, ExpectedOutcome((Completed,), reached=ENDED, late=_END))

    async def pause(self, caller: Caller, session_id: UUID) -> None:
        """Stop the clock."""
        expected = ExpectedOutcome((Paused,), reached=frozenset({"paused"}), late=_PAUSE)
        await self._transition(caller, session_id, InterviewPaused(request_hash="pause"), expected)

    async def resume(self, caller: Caller, session_id: UUID) -> None:
        """Let the clock run again."""
        expected = ExpectedOutcome((Resumed,), reached=frozenset({"active"}), late=_RESUME)
        await self._transition(caller, session_id, InterviewResumed(request_hash="resume"), expected)

    async def reset(self, caller: Caller, session_id: UUID) -> None:
        """Back to the beginning, with the same configuration."""
        expected = ExpectedOutcome((Reset,), final=(Erased,), over=frozenset(), late=_RESET)
        await self._transition(caller, session_id, SessionReset(request_hash="reset"), expected)

    async def rephrase(self, caller: Caller, session_id: UUID) -> Message:
        """The current question, in other words."""
        async with self._subscriptions.events(session_id) as queue:
            message_id, before = await self._commands.deduplicate(caller, session_id, "rephrase", "rephrase")
            session = existing(before)
            event = before.event
            if event is None:
                command = RephraseRequested(question_id=session.question_id, request_hash="rephrase")
                if not before.known:
                    await self._commands.submit(caller, session_id, message_id, command, _REPHRASE)
                expected = ExpectedOutcome((QuestionAsked,), late=_REPHRASE)
                event = await self._commands.wait(queue, caller, session_id, message_id, expected)
        return await self._reply(caller, session_id, event and unless_refused(event))

    async def correct(self, caller: Caller, session_id: UUID, turn: int, text: str) -> None:
        """Put right what the record says was answered in a turn. It is judged anew."""
        command = TranscriptCorrected(turn=turn, text=text, request_hash=request_hash([turn, text]))
        await self._revise(caller, session_id, f"correct {turn}", command, Corrected, _CORRECT)

    async def retry(self, caller: Caller, session_id: UUID, turn: int, text: str) -> None:
        """Another attempt at a question."""
        command = AnswerRetried(turn=turn, text=text, request_hash=request_hash([turn, text]))
        await self._revise(caller, session_id, f"retry {turn}", command, Retried, _RETRY)

    async def report_anew(self, caller: Caller, session_id: UUID) -> int:
        """The version of the report that will be written."""
        command = ReportRequested(request_hash="report")
        event = await self._revise(caller, session_id, "report", command, ReportDue, _REPORT)
        assert event is not None and isinstance(event.data, ReportDue)
        return event.data.version

    async def say(self, caller: Caller, session_id: UUID, text: str, question_id: UUID | None) -> UUID:
        """What a speaker said, without waiting for the reply; the message's id. Said while the reply is due, it
        continues the answer."""
        message_id = uuid4()
        command = UserMessage(
            text=text, question_id=question_id, continues=True, keyed=False, request_hash=request_hash(text)
        )
        await self._commands.submit(caller, session_id, message_id, command)
        return message_id

    async def erase(self, caller: Caller, session_id: UUID) -> None:
        """Forget the session."""
        view = await self._queries.view(caller, session_id, messages=True)
        # While its sentences are known. Should it stay for now, they are spoken anew.
        await self._speech.forget(session_id, [each.content for each in view.messages if each.role == "assistant"])
        await self._aliases.forget(caller.user_id, session_id)  # first: an alias of nothing could never begin anew
        message_id = uuid5(NAMESPACE, f"erase {session_id}")
        try:
            await self._commands.request(caller, session_id, message_id, ErasureRequested(), GONE)
        except APIError:  # the event stream takes nothing: that must not keep anybody from being forgotten
            wanted = EraseAsk(session_id=session_id, user_id=caller.user_id)
            await self._commands.ask("session", "erase", wanted, EraseAnswer, timeout=ERASE_SECONDS)
        await self._keys.forget(session_id)
        await self._tasks.forget(session_id)

    # How it is done

    async def _transition(self, caller: Caller, session_id: UUID, command: Command, expected: ExpectedOutcome) -> None:
        """Bring the session into another state, unless it is there or a repeat already did."""
        route = command.request_hash or ""
        message_id, before = await self._commands.deduplicate(caller, session_id, route, route)
        session = existing(before)
        if before.event is not None:
            unless_refused(before.event)
        elif session.status not in expected.reached:
            await self._commands.request(caller, session_id, message_id, command, expected)

    async def _revise(
        self, caller: Caller, session_id: UUID, route: str, command: Command, outcome: type[Payload], late: Late
    ) -> Event[Payload] | None:
        """Ask for what has one recorded outcome, whatever state the interview is in."""
        message_id, before = await self._commands.deduplicate(caller, session_id, route, command.request_hash or "")
        existing(before)
        if before.event is not None:
            return unless_refused(before.event)
        expected = ExpectedOutcome((outcome,), final=(Reset, Erased), over=frozenset(), late=late)
        event = await self._commands.request(caller, session_id, message_id, command, expected)
        if event is None or not isinstance(event.data, outcome):
            raise Problem(409, BEGUN_ANEW)
        return event

    async def _reply(self, caller: Caller, session_id: UUID, event: Event[Payload] | None) -> Message:
        """What the candidate hears after an answer, whatever became of it; None: the interview is over."""
        if event and isinstance(event.data, QuestionAsked):
            return question_message(event)
        if event and isinstance(event.data, AnswerUnheard):
            raise NotUnderstood(event.data)
        if event and isinstance(event.data, Reset):
            raise Problem(409, BEGUN_ANEW)
        if event and isinstance(event.data, Refused) and event.data.reason != "ended":
            raise refusal(event.data)
        return over_message(await self._queries.view(caller, session_id))

    async def _last_words(self, caller: Caller, session_id: UUID) -> Message:
        """What the interviewer said last; a notice when the interview was over before anything was said."""
        view = await self._queries.view(caller, session_id, messages=True)
        spoken = [message for message in view.messages if message.role == "assistant"]
        if not spoken and view.session and view.session.status not in ENDED:
            raise Problem(409, BEGUN_ANEW)
        return spoken[-1] if spoken else over_message(view)


def _digest(recording: bytes) -> str:
    return hashlib.sha256(recording).hexdigest()
