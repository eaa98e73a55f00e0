"""How the interviews API spells interviews, questions and how answers did. Scores of answers are 0 to 10."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from typing import Any, Literal

from contracts.vocabulary.configuration import Count, Focus
from contracts.vocabulary.judgement import Evidence
from contracts.vocabulary.limits import MAX_ANSWER, MAX_JOB_DESCRIPTION, MAX_JOB_ROLE, MAX_QUESTIONS
from contracts.vocabulary.question import Difficulty
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from gateway.values import Words

InterviewType = Literal["technical", "behavioral", "system_design", "coding", "hr", "mixed"]
SeedStatus = Literal["created", "in_progress", "paused", "completed", "cancelled"]
_CONFIGURES = {
    "title": "title",
    "position": "job_role",
    "description": "job_description",
    "company": "company_name",
    "interview_type": "focus",
    "difficulty": "difficulty",
    "num_questions": "target_question_count",
    "duration_minutes": "interview_duration_minutes",
}
"""The fields of an interview, and what they are called in a session's configuration."""


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
        found = {name: getattr(self, field) for field, name in _CONFIGURES.items()} | {"introduction_counts": True}
        if not self.description.strip():  # there may be a document in its place
            del found["job_description"]
        return found

    def changes(self) -> dict[str, Any]:
        """What of it was sent, in the same words."""
        return {name: getattr(self, field) for field, name in _CONFIGURES.items() if field in self.model_fields_set}


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
