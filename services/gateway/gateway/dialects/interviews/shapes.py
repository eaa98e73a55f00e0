"""How the interviews API spells interviews, questions and how answers did. Scores of answers are 0 to 10."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import Annotated, Any, Literal

from contracts.session.asks import FeedbackItem, Message, SessionView, Status, View
from contracts.vocabulary.configuration import Count, Focus, SessionConfig
from contracts.vocabulary.judgement import Evidence, Feedback
from contracts.vocabulary.limits import MAX_ANSWER, MAX_JOB_DESCRIPTION, MAX_JOB_ROLE, MAX_QUESTIONS
from contracts.vocabulary.question import Difficulty
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, StringConstraints

from gateway.bus.commands import ENDED
from gateway.dialects.rounds import PUT
from gateway.usecases.feedback import visible_feedback
from gateway.usecases.numbered_interviews import number_of

InterviewType = Literal["technical", "behavioral", "system_design", "coding", "hr", "mixed"]
SeedStatus = Literal["created", "in_progress", "paused", "completed", "cancelled"]
STATUSES: dict[Status, SeedStatus] = {
    "created": "created",
    "active": "in_progress",
    "paused": "paused",
    "completed": "completed",
    "abandoned": "cancelled",
    "cancelled": "cancelled",
}
TOP, TOP_OF_LIST = 10, 100
"""The best score of an answer and of results, and that of an interview in a list."""
LATE = "The feedback on this answer is still being written. It will be in the results."
WITHHELD = "Feedback on this answer will be shown at the end of the interview."
Words = Annotated[str, StringConstraints(strip_whitespace=True)]


class InterviewBody(BaseModel):
    """A new interview. `company_name` and `difficulty_level` are other names of `company` and `difficulty`; anything
    else of a session's configuration may be there too."""

    model_config = ConfigDict(populate_by_name=True)

    position: Words = Field(min_length=1, max_length=MAX_JOB_ROLE)
    title: Words = Field("", max_length=MAX_JOB_ROLE)
    description: str = Field("", max_length=MAX_JOB_DESCRIPTION)
    company: Words = Field("", max_length=MAX_JOB_ROLE, validation_alias=AliasChoices("company", "company_name"))
    interview_type: InterviewType = "technical"
    difficulty: Difficulty = Field("medium", validation_alias=AliasChoices("difficulty", "difficulty_level"))
    num_questions: Count = Field(5, ge=1, le=MAX_QUESTIONS)
    duration_minutes: Count = Field(60, ge=1, le=180)

    def configuration(self) -> dict[str, Any]:
        """The same in the words of a session's configuration."""
        return {
            "title": self.title,
            "job_role": self.position,
            "company_name": self.company,
            "focus": self.interview_type,
            "difficulty": self.difficulty,
            "target_question_count": self.num_questions,
            "introduction_counts": True,
            "interview_duration_minutes": self.duration_minutes,
            **({"job_description": self.description} if self.description.strip() else {}),
        }


class SubmitBody(BaseModel):
    """An answer, in words or as a recording in base64. `text_response` is another name of `response_text`."""

    model_config = ConfigDict(populate_by_name=True)

    session_token: Words = Field(min_length=1)
    response_text: Words = Field(
        "", max_length=MAX_ANSWER, validation_alias=AliasChoices("response_text", "text_response")
    )
    audio_data: str = ""


class DemoBody(BaseModel):
    """One answer to try everything with. `sample_response` is another name of `response_text`."""

    model_config = ConfigDict(populate_by_name=True)

    position: Words = Field("Software Engineer", min_length=1, max_length=MAX_JOB_ROLE)
    interview_type: InterviewType = "technical"
    difficulty: Difficulty = "medium"
    response_text: Words = Field(
        "", max_length=MAX_ANSWER, validation_alias=AliasChoices("response_text", "sample_response")
    )
    audio_data: str = ""


class Interview(BaseModel):
    """An interview. `score` is 0 to 100, and 0 until there is a report or where too little was said; `feedback` is the
    report's summary, null until then and in lists. `session_id` names it under `/api/v1/sessions`."""

    id: int
    session_id: str
    title: str
    description: str
    position: str
    company: str
    company_name: str
    interview_type: Focus
    difficulty: Difficulty
    difficulty_level: Difficulty
    num_questions: int
    duration_minutes: int
    status: SeedStatus
    score: float
    feedback: str | None
    questions_answered: int
    user_id: str
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None


class InterviewDeleted(BaseModel):
    """Which interview was erased."""

    message: str
    id: int


class PutQuestion(BaseModel):
    """A question. `type` says what kind it is: an introduction, a follow-up, or what it is about."""

    question: str
    type: str
    difficulty: Difficulty
    engine: str
    model: str | None
    degraded: bool


class Base64Audio(BaseModel):
    """The same recording, where some clients look for it."""

    audio: str


class AudioData(BaseModel):
    """A WAV file in base64; a short silence where nothing here can speak."""

    audio: str
    base64: Base64Audio

    @classmethod
    def of(cls, wav: bytes) -> AudioData:
        """That of a WAV file."""
        text = b64encode(wav).decode()
        return cls(audio=text, base64=Base64Audio(audio=text))


class AnswerRecord(BaseModel):
    """A question with its answer. `score` is 0 to 10; without enough evidence 0, and in no average."""

    question: str
    response: str
    score: float
    evidence: Evidence
    feedback: str
    question_type: str
    difficulty: Difficulty
    timestamp: datetime


class WorkflowState(BaseModel):
    """How an interview stands. `current_question` counts from 1; `average_score` is 0 to 10."""

    interview_id: int
    session_token: str
    status: SeedStatus
    current_step: Literal["initialize_session", "present_question", "complete_interview"]
    current_question: int
    total_questions: int
    difficulty: Difficulty
    responses_history: list[AnswerRecord]
    average_score: float


class Begun(BaseModel):
    """An interview that goes on, with the question to answer now."""

    session_token: str
    first_question: PutQuestion
    audio_data: AudioData
    is_resumed: bool
    workflow_state: WorkflowState


class AnswerEvaluation(BaseModel):
    """How an answer did. `score` is 0 to 10; without enough evidence 0. A criterion without a basis is left out."""

    score: float
    feedback: str
    detailed_analysis: dict[str, float]
    improvement_suggestions: list[str]
    evidence: Evidence
    engine: str
    model: str | None
    degraded: bool


class Submitted(BaseModel):
    """What came of an answer. `evaluation` is null where it was not judged, and the same question stands; `feedback`
    then holds what the interviewer said. After the last answer `next_question` and `audio_data` are null."""

    evaluation: AnswerEvaluation | None
    next_question: PutQuestion | None
    is_completed: bool
    feedback: str
    message: str | None
    audio_data: AudioData | None
    workflow_state: WorkflowState


class Rephrased(BaseModel):
    """The current question in other words."""

    rephrased_question: str
    audio_data: AudioData
    engine: str
    model: str | None
    degraded: bool


class SessionChanged(BaseModel):
    """How the interview stands now, and the question that waits for an answer, if any."""

    message: str
    status: SeedStatus
    question: PutQuestion | None
    audio_data: AudioData | None
    workflow_state: WorkflowState


class InterviewStatus(WorkflowState):
    """The same at the top level, for whoever asks how an interview stands."""

    question: PutQuestion | None
    is_completed: bool
    workflow_state: WorkflowState


class InterviewResults(BaseModel):
    """How an interview went. `score` and those of the answers are 0 to 10."""

    interview_id: int
    title: str
    position: str
    interview_type: Focus
    status: SeedStatus
    score: float
    evidence: Evidence
    feedback: str
    started_at: datetime | None
    completed_at: datetime | None
    duration_minutes: float
    responses_history: list[AnswerRecord]
    total_questions: int
    questions_answered: int
    engine: str
    model: str | None
    degraded: bool


class WorkflowStep(BaseModel):
    """One step of the demonstration."""

    step: str
    status: Literal["completed", "pending"]
    details: str


class Demonstrated(BaseModel):
    """What became of one answer. Nothing of it is kept; the token opens nothing any more."""

    demo_session_token: str
    question: PutQuestion
    evaluation: AnswerEvaluation
    feedback: str
    next_question: PutQuestion | None
    workflow_log: list[WorkflowStep]


@dataclass(frozen=True)
class Put:
    """A question as it stands: `text` may be other words for that of `message`."""

    message: Message
    text: str


def interview(session: SessionView) -> Interview:
    """An interview, or one of a list."""
    config = session.config
    return Interview(
        id=number_of(session.session_id),
        session_id=str(session.session_id),
        title=_title(session),
        description=config.job_description,
        position=config.job_role,
        company=config.company_name,
        company_name=config.company_name,
        interview_type=config.focus,
        difficulty=config.difficulty,
        difficulty_level=config.difficulty,
        num_questions=_total(config),
        duration_minutes=config.interview_duration_minutes,
        status=STATUSES[session.status],
        score=_out_of(TOP_OF_LIST, session.overall_score),
        feedback=session.report.summary if session.report else None,
        questions_answered=min(session.answers, _total(config)),
        user_id=str(session.user_id or ""),
        created_at=session.created_at,
        started_at=session.started_at,
        completed_at=session.ended_at,
    )


def workflow_state(view: View, token: str) -> WorkflowState:
    """How an interview stands; `view` has messages and feedback."""
    session = _session(view)
    history = answers(view)
    over = session.status in ENDED
    step: Any = "complete_interview" if over else "present_question" if view.messages else "initialize_session"
    total = _total(session.config)
    return WorkflowState(
        interview_id=number_of(session.session_id),
        session_token=token,
        status=STATUSES[session.status],
        current_step=step,
        current_question=min(sum(each.response_type in PUT for each in view.messages), total),
        total_questions=total,
        difficulty=session.config.difficulty,
        responses_history=history,
        average_score=_mean(history),
    )


def interview_status(view: View, token: str) -> InterviewStatus:
    """The same with the question that stands."""
    state = workflow_state(view, token)
    return InterviewStatus(
        **state.model_dump(),
        question=standing_question(view),
        is_completed=_session(view).status in ENDED,
        workflow_state=state,
    )


def standing_question(view: View) -> PutQuestion | None:
    """The question that waits for an answer; None where none does."""
    put = list(_puts(view))
    return None if _session(view).status in ENDED or not put else put_question(put[-1], _session(view).config)


def put_question(put: Put, config: SessionConfig) -> PutQuestion:
    """A question as it is put."""
    about = put.message.metadata
    return PutQuestion(
        question=put.text,
        type=_type(put.message, config),
        difficulty=about.get("difficulty") or config.difficulty,
        engine=about["engine"],
        model=about.get("model"),
        degraded=about.get("degraded", False),
    )


def answers(view: View) -> list[AnswerRecord]:
    """The questions that were answered, in order; what an answer only asked back about is no answer."""
    config = _session(view).config
    kept = {item.turn: item for item in view.feedback}
    shown = {item.turn: item.feedback for item in visible_feedback(view)}
    replies = {each.turn: each for each in view.messages if each.role == "assistant"}
    over = _session(view).status in ENDED
    found: list[AnswerRecord] = []
    put: Message | None = None
    for each in view.messages:
        if each.role == "assistant":
            put = each if each.response_type in PUT else put
        elif put is not None and _counts(replies.get(each.turn + 1), over):
            item, feedback = kept.get(put.turn), shown.get(each.turn)
            found.append(
                AnswerRecord(
                    question=item.question if item else put.content,
                    response=each.content,
                    score=_out_of(TOP, feedback.score if feedback else None),
                    evidence=feedback.evidence if feedback else "insufficient",
                    feedback=feedback.text if feedback else _no_feedback(view),
                    question_type=_type(put, config),
                    difficulty=put.metadata.get("difficulty") or config.difficulty,
                    timestamp=each.created_at,
                )
            )
    return found


def evaluation(view: View, item: FeedbackItem | None) -> AnswerEvaluation:
    """How an answer did; of one that is not judged, or not yet, that there is no evidence and why."""
    feedback = item.feedback if item else None
    if feedback is None:
        return AnswerEvaluation(
            score=0.0, feedback=_no_feedback(view), detailed_analysis={}, improvement_suggestions=[],
            evidence="insufficient", engine="none", model=None, degraded=False,
        )  # fmt: skip
    origin = feedback.provenance
    return AnswerEvaluation(
        score=_out_of(TOP, feedback.score),
        feedback=feedback.text,
        detailed_analysis=_criteria(feedback),
        improvement_suggestions=list(feedback.improvements),
        evidence=feedback.evidence,
        engine=origin.engine,
        model=origin.model,
        degraded=origin.degraded,
    )


def results(view: View) -> InterviewResults:
    """How an interview went; `view` has messages and feedback. Without a report its score is that of the answers."""
    session = _session(view)
    history, report = answers(view), session.report
    scored = any(each.evidence == "sufficient" for each in history)
    origin = report.provenance if report else None
    return InterviewResults(
        interview_id=number_of(session.session_id),
        title=_title(session),
        position=session.config.job_role,
        interview_type=session.config.focus,
        status=STATUSES[session.status],
        score=_out_of(TOP, report.overall_score) if report else _mean(history),
        evidence="sufficient" if (report.overall_score is not None if report else scored) else "insufficient",
        feedback=report.summary or report.patterns_tendencies if report else "There is no summary of this interview.",
        started_at=session.started_at,
        completed_at=session.ended_at,
        duration_minutes=round(session.elapsed / 60, 1),
        responses_history=history,
        total_questions=_total(session.config),
        questions_answered=len(history),
        engine=origin.engine if origin else "none",
        model=origin.model if origin else None,
        degraded=origin.degraded if origin else False,
    )


def _session(view: View) -> SessionView:
    assert view.session is not None
    return view.session


def _puts(view: View) -> Iterator[Put]:
    """The questions that were put, each as it stands after it was put in other words."""
    put: Put | None = None
    for each in view.messages:
        if each.role == "assistant" and each.response_type in PUT:
            if put is not None:
                yield put
            put = Put(each, each.content)
        elif each.role == "assistant" and put is not None and each.metadata.get("action") == "rephrase":
            put = Put(put.message, each.content)
    if put is not None:
        yield put


def _counts(reply: Message | None, over: bool) -> bool:
    """Whether an answer with this reply was taken as one."""
    return over if reply is None else reply.response_type in (*PUT, "closing")


def _no_feedback(view: View) -> str:
    session = _session(view)
    withheld = session.config.mode == "realistic" and session.status not in ENDED
    return WITHHELD if withheld else LATE


def _criteria(feedback: Feedback) -> dict[str, float]:
    given = feedback.criteria.model_dump()
    return {name: _out_of(TOP, score) for name, score in given.items() if score is not None}


def _mean(history: list[AnswerRecord]) -> float:
    scores = [each.score for each in history if each.evidence == "sufficient"]
    return round(fmean(scores), 1) if scores else 0.0


def _out_of(top: int, score: float | None) -> float:
    return round((score or 0.0) * top, 1)


def _type(message: Message, config: SessionConfig) -> str:
    if message.response_type in ("introduction", "follow_up"):
        return str(message.response_type)
    phase = message.metadata["phase"]
    own = config.focus if config.focus in ("system_design", "coding") else "technical"
    return {"resume": "experience", "behavioral": "behavioral"}.get(phase, own)


def _total(config: SessionConfig) -> int:
    """The introduction is the first of an interview's questions here, whatever API it was made through."""
    return config.target_question_count + (not config.introduction_counts)


def _title(session: SessionView) -> str:
    return session.config.title or f"{session.config.job_role}, {session.created_at:%Y-%m-%d}"
