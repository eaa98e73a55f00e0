"""Turns an intent and a state into events. Pure; a request that the state does not allow becomes a `refused`
event, so that the same message delivered again later cannot be carried out after all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from contracts import Event, Payload
from contracts.coach.events import FeedbackGiven, ReportWritten
from contracts.gateway.events import (
    AnswerRetried,
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
from contracts.interviewer.events import Replied
from contracts.session.events import (
    AnswerRecorded,
    AnswerRepeated,
    AnswerUnheard,
    AudioReceived,
    Completed,
    Created,
    Ending,
    FeedbackRecorded,
    Paused,
    QuestionAsked,
    Reconfigured,
    ReportDue,
    ReportRecorded,
    Reset,
    Resumed,
    Started,
)
from contracts.speech.events import RecognitionFailed, Transcribed
from contracts.vocabulary.disclosure import Disclosure
from contracts.vocabulary.hearing import NotHeard
from contracts.vocabulary.judgement import Feedback
from contracts.vocabulary.limits import MAX_ANSWER
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.question import Question

from session.domain.hearing import spoken_answer, terms_of
from session.domain.intents import (
    ClockRanOut,
    FeedbackGivenUp,
    HearingGivenUp,
    LeftAlone,
    ReplyGivenUp,
    ReportGivenUp,
    Timer,
)
from session.domain.refusals import refuse, why_not_now
from session.domain.repeats import repeated_answer
from session.domain.revise import correct, rephrase, report_anew, retry
from session.domain.state import COUNTED, INVITED, Answered, State, Unheard

NOBODY = Provenance(engine="none", degraded=True)
NOTICE = (
    "I am sorry, I could not prepare a reply just now. Your answer is saved. "
    "Please send any message, and we will go on with the next question."
)
PLAIN_DISCLOSURE = "I am an AI interviewer, not a person, and an AI assesses your answers as well."
PLAIN_INTRODUCTION = (
    f"Welcome, and thank you for taking the time. {PLAIN_DISCLOSURE} To begin, please tell me about yourself "
    "and what draws you to this role."
)
BEGUN = "The interview has begun, so it stays as it is. Create another one to change it."
NOT_UNDERSTOOD = "Your recording could not be understood in time. Please answer again, aloud or in writing."
NO_WORDS = "No words could be made out in your recording. Please say that again, or write it."
NO_FEEDBACK = "No feedback could be prepared for this answer. It is saved and part of the transcript."
NO_REPORT = "The summary could not be generated. Your answers and the feedback on them are saved."


def decide(
    state: State, intent: Event[Payload] | Timer, now: datetime, review: timedelta = timedelta()
) -> Sequence[Payload]:
    """The events that follow from `intent`; none when it changes nothing. For `review` a spoken answer may be corrected
    before it is judged."""
    if isinstance(intent, Event):
        return _on_message(state, intent, now, review)
    return _on_timer(state, intent, now) if state.exists else []


def _on_message(state: State, message: Event[Payload], now: datetime, review: timedelta) -> Sequence[Payload]:
    match message.data:
        case SessionRequested() as wanted:
            return [] if state.exists else [_created(wanted)]
        case _ if not state.exists:
            return []
        case InterviewStarted() as start:
            return _start(state, start)
        case SessionReconfigured() as wanted:
            return _reconfigure(state, wanted)
        case UserMessage() as command:
            return _going_on(state, _answer(state, command, now), now)
        case UserAudio() as command:
            return _going_on(state, _hear(state, command), now)
        case Transcribed() as transcribed:
            return _understand(state, message, transcribed, now + review if review else None)
        case RecognitionFailed(reason=reason, message=sentence):
            heard = state.unheard
            mine = heard is not None and message.causation_id == heard.id
            return _unheard(state, heard, reason, sentence) if heard and mine else []
        case Replied() as reply:
            return _accept_reply(state, message, reply, now)
        case FeedbackGiven() as given:
            return _accept_feedback(state, message, given)
        case ReportWritten() as written:
            return _accept_report(state, message, written)
        case RephraseRequested() as wish:
            return rephrase(state, wish)
        case TranscriptCorrected() as correction:
            return correct(state, correction, now)
        case AnswerRetried() as attempt:
            return retry(state, attempt)
        case ReportRequested() as wanted:
            return report_anew(state, wanted)
        case InterviewPaused() as pause:
            return _pause(state, pause)
        case InterviewResumed() as resume:
            return _resume(state, resume, now)
        case InterviewEnded() as end:
            return _end(state, end.reason, now, end.request_hash)
        case SessionReset() as reset:
            return [Reset(request_hash=reset.request_hash)]
        case _:
            return []


def _created(wanted: SessionRequested) -> Created:
    return Created(config=wanted.config, dialect=wanted.dialect, request_hash=wanted.request_hash)


def _on_timer(state: State, timer: Timer, now: datetime) -> Sequence[Payload]:
    match timer:
        case ReplyGivenUp(due_to):
            return _notice(state) if state.reply_pending_to == due_to else []
        case HearingGivenUp(received):
            heard = state.unheard
            return _unheard(state, heard, "unavailable", NOT_UNDERSTOOD) if heard and heard.id == received else []
        case FeedbackGivenUp(answer_id):
            return _feedback_given_up(state, answer_id)
        case ReportGivenUp(version):
            waiting = state.report_status == "generating" and state.report_version == version
            return [ReportRecorded(version=version, error=NO_REPORT)] if waiting else []
        case ClockRanOut():
            spent = state.elapsed(now) >= state.duration
            running = state.status == "active" and state.config.use_time_based_interview
            return _end(state, "time_up", now) if running and spent else []
        case LeftAlone(since):
            ours = state.awaited  # the silence is not the candidate's
            done = state.current is not None and state.current.question.phase == INVITED
            left = state.active_at == since and not ours
            return _end(state, "budget" if done else "abandoned", now) if left else []


def _start(state: State, start: InterviewStarted) -> Sequence[Payload]:
    if state.over:
        return refuse("start", "ended", start.request_hash)
    if state.status != "created":
        return []
    return [Started(config=start.config or state.config, request_hash=start.request_hash)]


def _reconfigure(state: State, wanted: SessionReconfigured) -> Sequence[Payload]:
    if state.over:
        return refuse("reconfigure", "ended", wanted.request_hash)
    if state.status != "created":
        return refuse("reconfigure", "not_possible", wanted.request_hash, BEGUN)
    return [Reconfigured(config=wanted.config, request_hash=wanted.request_hash)]


def _answer(state: State, message: UserMessage, now: datetime) -> Sequence[Payload]:
    if (first := repeated_answer(state, message, now)) is not None:
        return [AnswerRepeated(turn=first.turn, request_id=first.request, request_hash=message.request_hash)]
    reason = why_not_now(state, message)
    if reason == "reply_pending" and message.continues and state.pending_answer is not None:
        return _go_on(state, state.pending_answer, message)
    if reason is not None:
        return refuse("answer", reason, message.request_hash)
    assert state.current is not None
    return [
        AnswerRecorded(
            turn=state.current.turn,
            revision=1,
            question_id=state.current.id,
            text=message.text,
            request_hash=message.request_hash,
        )
    ]


def _going_on(state: State, decided: Sequence[Payload], now: datetime) -> Sequence[Payload]:
    """Who answers in a pause that the interviewer gave goes on."""
    taken = any(isinstance(each, (AnswerRecorded, AudioReceived)) for each in decided)
    if not (taken and state.waits and state.paused_at):
        return decided
    return [Resumed(paused_for=max(0.0, (now - state.paused_at).total_seconds())), *decided]


def _go_on(state: State, pending: Answered, message: UserMessage) -> Sequence[Payload]:
    """The speaker went on while the reply was due: a new revision of the answer, and the reply is to all of it."""
    if message.question_id not in (None, pending.question_id):
        return refuse("answer", "question_closed", message.request_hash)
    text = f"{pending.text} {message.text}"
    if len(text) > MAX_ANSWER:
        detail = "Your answer is as long as an answer can be; a reply to it is on its way."
        return refuse("answer", "not_possible", message.request_hash, detail)
    revision = pending.revision + 1
    return [
        AnswerRecorded(
            turn=pending.turn,
            revision=revision,
            question_id=pending.question_id,
            text=text,
            request_hash=message.request_hash,
        )
    ]


def _hear(state: State, command: UserAudio) -> Sequence[Payload]:
    """The turn is the candidate's from here on: what was said is not refused because something else comes first."""
    last = state.last_recording
    if not command.keyed and last is not None and last.sha256 == command.recording.sha256:
        # Nobody says the same thing twice to the last bit.
        return [AnswerRepeated(turn=last.turn, request_id=last.request, request_hash=command.request_hash)]
    reason = why_not_now(state, command)
    if reason is not None:
        return refuse("answer", reason, command.request_hash)
    assert state.current is not None
    return [
        AudioReceived(
            turn=state.current.turn,
            question_id=state.current.id,
            recording=command.recording,
            language=state.config.language,
            terms=terms_of(state.config),
            request_hash=command.request_hash,
        )
    ]


def _understand(
    state: State, message: Event[Payload], transcribed: Transcribed, review_until: datetime | None
) -> Sequence[Payload]:
    """Words, to a question that stands or stood when the interview ended meanwhile: they count all the same."""
    heard = state.unheard
    if heard is None or message.causation_id != heard.id:
        return []
    text, spoken = spoken_answer(transcribed, heard.recording.key, review_until)
    if not text:
        return _unheard(state, heard, "wordless", NO_WORDS)
    return [
        AnswerRecorded(
            turn=heard.turn,
            revision=1,
            question_id=heard.question_id,
            text=text,
            spoken=spoken,
            request_hash=heard.request_hash,
        )
    ]


def _unheard(state: State, heard: Unheard, reason: NotHeard, sentence: str) -> Sequence[Payload]:
    told = AnswerUnheard(
        turn=heard.turn,
        question_id=heard.question_id,
        reason=reason,
        message=sentence,
        request_hash=heard.request_hash,
    )
    return [told, *_report_if_ready(state.over and not state.awaiting_feedback, state)]


def _accept_reply(state: State, message: Event[Payload], reply: Replied, now: datetime) -> Sequence[Payload]:
    if state.reply_pending_to is None or message.causation_id != state.reply_pending_to:
        return []  # late, or to a revision that was overtaken
    asked = QuestionAsked(
        turn=len(state.asked),
        question=reply.question,
        number=state.questions_asked + (reply.question.kind in COUNTED and reply.question.phase != INVITED),
        action=reply.action,
        reasoning=reply.reasoning,
        provenance=reply.provenance,
        tokens=reply.tokens,
        plan=reply.plan,
        disclosed=reply.disclosed,
        heard=reply.heard,
        adjusts=reply.adjusts,
    )
    if reply.question.kind != "closing":
        return [asked, Paused(by="interviewer")] if reply.pauses and state.status == "active" else [asked]
    return [asked, *_end(state, "budget", now)]


def _notice(state: State) -> Sequence[Payload]:
    return [
        QuestionAsked(
            turn=len(state.asked),
            question=_plain_words(state),
            number=state.questions_asked,
            action="notice",
            reasoning="No reply could be had in time.",
            provenance=NOBODY,
            disclosed=Disclosure(text=PLAIN_DISCLOSURE) if state.current is None else None,
        )
    ]


def _plain_words(state: State) -> Question:
    """The interviewer's message where no engine wrote one: the answer is kept, and the interview can go on."""
    if state.current is None:
        return Question(kind="introduction", text=PLAIN_INTRODUCTION, phase="intro")
    standing = state.current.question
    if state.pending_answer is None:  # other words were wanted, and none came: the question stands as it was
        return standing.model_copy(update={"kind": "clarification"})
    return Question(kind="notice", text=NOTICE, phase=standing.phase)


def _accept_feedback(state: State, message: Event[Payload], given: FeedbackGiven) -> Sequence[Payload]:
    answer = state.answers.get(given.turn)
    if answer is None or answer.id != message.causation_id or given.turn in state.scores:
        return []
    return _with_feedback(state, given.turn, given.revision, given.feedback)


def _feedback_given_up(state: State, answer_id: object) -> Sequence[Payload]:
    for answer in state.awaiting_feedback:
        if answer.id == answer_id:
            nothing = Feedback(judged=False, text=NO_FEEDBACK, provenance=NOBODY)
            return _with_feedback(state, answer.turn, answer.revision, nothing)
    return []


def _with_feedback(state: State, turn: int, revision: int, feedback: Feedback) -> Sequence[Payload]:
    recorded = FeedbackRecorded(turn=turn, revision=revision, feedback=feedback)
    others = [answer for answer in state.awaiting_feedback if answer.turn != turn]
    return [recorded, *_report_if_ready(state.over and not others and not state.unheard, state)]


def _report_if_ready(ready: bool, state: State) -> Sequence[Payload]:
    """A report once nothing is awaited; a new version where an answer was judged anew after the end."""
    wanted = state.ending != "cancelled"
    return [ReportDue(version=state.report_version + 1)] if ready and wanted else []


def _accept_report(state: State, message: Event[Payload], written: ReportWritten) -> Sequence[Payload]:
    wanted = state.report_status in {"generating", "error"}
    if not wanted or message.causation_id != state.report_due_id:
        return []
    return [ReportRecorded(version=written.version, report=written.report)]


def _pause(state: State, pause: InterviewPaused) -> Sequence[Payload]:
    if state.status == "paused":
        return []
    if state.status != "active":
        return refuse("pause", "not_possible", pause.request_hash)
    return [Paused(request_hash=pause.request_hash)]


def _resume(state: State, resume: InterviewResumed, now: datetime) -> Sequence[Payload]:
    if state.status == "active":
        return []
    if state.paused_at is None or state.over:
        return refuse("resume", "not_possible", resume.request_hash)
    return [Resumed(paused_for=max(0.0, (now - state.paused_at).total_seconds()), request_hash=resume.request_hash)]


def _end(state: State, ending: Ending, now: datetime, request_hash: str | None = None) -> Sequence[Payload]:
    if state.over:
        return []
    completed = Completed(ending=ending, elapsed=state.elapsed(now), request_hash=request_hash)
    nothing_to_report = ending == "cancelled" or (ending == "abandoned" and not state.answers)
    if nothing_to_report or state.awaiting_feedback or state.unheard:
        return [completed]
    return [completed, ReportDue(version=state.report_version + 1)]
