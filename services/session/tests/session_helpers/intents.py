"""What happens: messages of the others, and the passing of time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Literal
from uuid import UUID, uuid4

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
from contracts.session.events import AnswerRecorded, ReportDue
from contracts.speech.events import RecognitionFailed, Transcribed
from contracts.vocabulary.configuration import Dialect, SessionConfig
from contracts.vocabulary.disclosure import Disclosure
from contracts.vocabulary.hearing import Heard, HeardWord, NotHeard, RecordingRef
from contracts.vocabulary.listening import Adjustment, Remark
from contracts.vocabulary.question import Action, QuestionKind
from contracts.vocabulary.report import Report
from session.domain import intents
from session.domain.intents import Timer

from session_helpers.facts import ENGINE, feedback, question, report
from session_helpers.story import Intent, Story

Due = Callable[[Story], UUID | None]
"""Picks the event that a message is a reaction to."""


def message(story: Story, payload: Payload, *, cause: UUID | None = None) -> Event[Payload]:
    """A message as it arrives from another service: a request, or what follows from an event."""
    message_id = uuid4()
    request = next((event.correlation_id for event in story.history if event.id == cause), None)
    return Event[Payload](
        id=message_id,
        type=payload.TYPE,
        schema_version=payload.SCHEMA_VERSION,
        subject_id=story.session_id,
        user_id=story.user_id,
        causation_id=cause,
        correlation_id=request or message_id,
        occurred_at=story.now,
        data=payload,
    )


def is_requested(dialect: Dialect = "agent", **config: Any) -> Intent:
    """A session is wanted."""
    wanted = SessionRequested(config=SessionConfig(**config), dialect=dialect, request_hash="h")
    return lambda story: message(story, wanted)


def reconfigures(**config: Any) -> Intent:
    """The candidate wants another configuration."""
    return lambda story: message(story, SessionReconfigured(config=SessionConfig(**config), request_hash="h"))


def starts(**config: Any) -> Intent:
    """The candidate starts the interview."""
    chosen = SessionConfig(**config) if config else None
    return lambda story: message(story, InterviewStarted(config=chosen, request_hash="h"))


def says(text: str = "I built a parser.", *, to: Due | None = None, keyed: bool = True) -> Intent:
    """The candidate says something to the current question, or to another one."""

    def intent(story: Story) -> Event[Payload]:
        current = story.state.current
        question_id = to(story) if to else current.id if current else None
        return message(story, UserMessage(text=text, question_id=question_id, keyed=keyed, request_hash="h"))

    return intent


def answers_aloud(sound: str = "one", *, to: Due | None = None, keyed: bool = True) -> Intent:
    """A recording comes in; another `sound` is another recording."""

    def intent(story: Story) -> Event[Payload]:
        recording = RecordingRef(key=f"recordings/{uuid4()}", size=9, sha256=hashlib.sha256(sound.encode()).hexdigest())
        question_id = to(story) if to else story.state.current and story.state.current.id
        return message(story, UserAudio(recording=recording, question_id=question_id, keyed=keyed, request_hash="h"))

    return intent


def is_understood(
    text: str = "I built a parser.", *words: tuple[str, float, float, float], of: Due | None = None
) -> Intent:
    """Speech says what is said in the recording; `words` with start, end and confidence."""
    heard = Heard(
        text=text,
        words=tuple(HeardWord(text=word, start=start, end=end, confidence=sure) for word, start, end, sure in words),
        language="en",
        confidence=0.9,
        duration=4.0,
    )
    return _says_of_the_recording(Transcribed(heard=heard, provider="fake", model="one"), of)


def is_not_understood(reason: NotHeard = "silent", *, of: Due | None = None) -> Intent:
    """Speech says that there are no words in the recording."""
    return _says_of_the_recording(RecognitionFailed(reason=reason, message="There is no sound."), of)


def _says_of_the_recording(said: Payload, of: Due | None) -> Intent:
    def intent(story: Story) -> Event[Payload]:
        unheard = story.state.unheard
        cause = of(story) if of else unheard.id if unheard else uuid4()
        request = unheard.message_id if unheard else None
        told = message(story, said, cause=cause)
        return told.model_copy(update={"correlation_id": request or told.correlation_id})

    return intent


def the_recording_is_given_up(story: Story) -> Timer:
    """Nothing was made of it in time."""
    assert story.state.unheard is not None
    return intents.HearingGivenUp(story.state.unheard.id)


def goes_on(text: str = "And it was fast.", *, to: Due | None = None, keyed: bool = True) -> Intent:
    """The candidate goes on speaking while the reply is due."""

    def intent(story: Story) -> Event[Payload]:
        current = story.state.current
        question_id = to(story) if to else current.id if current else None
        said = UserMessage(text=text, question_id=question_id, continues=True, keyed=keyed, request_hash="h")
        return message(story, said)

    return intent


def wants_other_words(story: Story) -> Event[Payload]:
    """The candidate wants the current question in other words."""
    current = story.state.current
    return message(story, RephraseRequested(question_id=current.id if current else None, request_hash="h"))


def corrects(turn: int = 0, text: str = "I built a compiler.") -> Intent:
    """The candidate corrects what an answer says in the record."""
    return lambda story: message(story, TranscriptCorrected(turn=turn, text=text, request_hash="h"))


def tries_again(turn: int = 0, text: str = "I built a parser that took 3 ms.") -> Intent:
    """The candidate answers a question again."""
    return lambda story: message(story, AnswerRetried(turn=turn, text=text, request_hash="h"))


def wants_a_report(story: Story) -> Event[Payload]:
    """The candidate wants the report written anew."""
    return message(story, ReportRequested(request_hash="h"))


def replies(
    kind: QuestionKind = "question",
    *,
    to: Due | None = None,
    action: Action = "new_question",
    disclosed: Disclosure | None = None,
    heard: Remark | None = None,
    pauses: bool = False,
    adjusts: Adjustment | None = None,
    **fields: Any,
) -> Intent:
    """The interviewer replies to what a reply is due to, or to another event."""

    def intent(story: Story) -> Event[Payload]:
        said = Replied(
            turn=len(story.state.asked) - 1,
            revision=1,
            question=question(kind, **fields),
            action=action,
            reasoning="The next topic.",
            provenance=ENGINE,
            tokens=10,
            disclosed=disclosed,
            heard=heard,
            pauses=pauses,
            adjusts=adjusts,
        )
        return message(story, said, cause=to(story) if to else story.state.reply_pending_to)

    return intent


def judges(turn: int = 0, *, score: float | None = 0.7, answer: Due | None = None) -> Intent:
    """The coach speaks about the answer of a turn, or about another answer."""

    def intent(story: Story) -> Event[Payload]:
        cause = answer(story) if answer else story.state.answers[turn].id
        given = FeedbackGiven(turn=turn, revision=1, feedback=feedback(score))
        return message(story, given, cause=cause)

    return intent


def reports(said: Report | None = None, *, to: Due | None = None) -> Intent:
    """The coach writes the report that is due, or one that was due earlier."""

    def intent(story: Story) -> Event[Payload]:
        written = ReportWritten(version=story.state.report_version, report=said or report())
        return message(story, written, cause=to(story) if to else story.state.report_due_id)

    return intent


def pauses(story: Story) -> Event[Payload]:
    """The candidate pauses."""
    return message(story, InterviewPaused(request_hash="h"))


def resumes(story: Story) -> Event[Payload]:
    """The candidate goes on."""
    return message(story, InterviewResumed(request_hash="h"))


def ends(reason: Literal["ended", "cancelled"] = "ended") -> Intent:
    """The candidate ends the interview, or calls it off."""
    return lambda story: message(story, InterviewEnded(reason=reason, request_hash="h"))


def resets(story: Story) -> Event[Payload]:
    """The candidate begins anew."""
    return message(story, SessionReset(request_hash="h"))


def the_reply_is_given_up(story: Story) -> Timer:
    """No reply came in time."""
    assert story.state.reply_pending_to is not None
    return intents.ReplyGivenUp(story.state.reply_pending_to)


def the_feedback_is_given_up(turn: int) -> Intent:
    """No feedback on the answer of a turn came in time."""
    return lambda story: intents.FeedbackGivenUp(story.state.answers[turn].id)


def the_report_is_given_up(story: Story) -> Timer:
    """No report came in time."""
    return intents.ReportGivenUp(story.state.report_version)


def the_clock_runs_out(_: Story) -> Timer:
    """The time of the interview, and the grace, are over."""
    return intents.ClockRanOut()


def nobody_is_heard_of(story: Story) -> Timer:
    """The candidate was silent for a day."""
    return intents.LeftAlone(story.state.active_at or story.now)


def the_first_question(story: Story) -> UUID:
    """The id of the question of turn 0."""
    return story.state.asked[0].id


def the_first_answer(story: Story) -> UUID:
    """The first answer of all, also from before a reset."""
    return story.all(AnswerRecorded)[0].id


def the_first_report_due(story: Story) -> UUID:
    """The first report that was wanted, also from before a reset."""
    return story.all(ReportDue)[0].id


def nothing(_: Story) -> None:
    """No event at all."""
