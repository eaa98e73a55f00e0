"""What an interview consists of: the words that all services share."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints

from contracts.documents import SourceRef
from contracts.envelope import Contract
from contracts.text import Written

Style = Literal["formal", "casual", "aggressive", "technical"]
Difficulty = Literal["easy", "medium", "hard"]
Mode = Literal["coaching", "realistic", "practice"]
Phase = Literal["welcome", "intro", "resume", "technical", "behavioral", "closing"]
Action = Literal["introduce", "follow_up", "new_question", "clarify", "rephrase", "conclude", "notice"]
QuestionKind = Literal["introduction", "question", "follow_up", "clarification", "closing", "notice"]
Evidence = Literal["sufficient", "insufficient"]
Focus = Literal["mixed", "technical", "behavioral", "system_design", "coding", "hr"]
"""What an interview is about: a bit of everything, or mostly one kind of question."""

MAX_JOB_ROLE = 200
MAX_JOB_DESCRIPTION = 20_000
MAX_RESUME = 40_000
MAX_ANSWER = 16_000
"""Longest texts, in characters. Together they keep every message well under NATS's 1 MiB."""
MAX_BANK_QUESTIONS = 100
MAX_BANK_BYTES = 64 * 1024
"""Limits of a question bank: it travels with the configuration of each session that uses it."""


def _no_truth_value(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("a number is expected")
    return value


Count = Annotated[int, BeforeValidator(_no_truth_value)]
"""A whole number; `true` is not one."""


class Expectation(Contract):
    """One thing that a good answer shows, with words that hint at it. Never sent to a candidate's client."""

    point: str
    cues: tuple[str, ...] = ()


BankPhase = Literal["technical", "behavioral"]
BankText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=1_000)]


class BankExpectation(Expectation, Written):
    """What a good answer shows, within the limits of a bank."""

    point: str = Field(min_length=1, max_length=500)
    cues: tuple[Annotated[str, StringConstraints(min_length=1, max_length=100)], ...] = Field((), max_length=20)


class BankQuestion(Written):
    """A question of somebody's own bank. `expects` may be empty: the answer is then judged without key points."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)
    text: BankText
    domain: str = Field("general", pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$", max_length=60)
    phase: BankPhase = "technical"
    difficulty: Difficulty = "medium"
    expects: tuple[BankExpectation, ...] = Field((), max_length=10)
    follow_ups: tuple[BankText, ...] = Field((), max_length=5)


class SessionConfig(Written):
    """How a candidate wants to be interviewed. Durations are in minutes.

    `questions` are those of a bank of one's own, copied when the session was made: whoever edits the bank later does
    not change an interview. `ask_consent` begins with a welcome that asks whether the candidate is ready.

    `resume_id` and `job_description_id` are documents whose words, without contact data, stand in `resume_content` and
    `job_description`; `domains` are those of the question banks that they show, the strongest first.
    """

    job_role: Annotated[str, StringConstraints(strip_whitespace=True)] = Field(
        "General Role", min_length=1, max_length=MAX_JOB_ROLE
    )
    job_description: str = Field("", max_length=MAX_JOB_DESCRIPTION)
    resume_content: str = Field("", max_length=MAX_RESUME)
    company_name: str = Field("", max_length=MAX_JOB_ROLE)
    style: Style = "formal"
    difficulty: Difficulty = "medium"
    target_question_count: Count = Field(5, ge=1, le=50)
    interview_duration_minutes: Count = Field(30, ge=1, le=180)
    use_time_based_interview: bool = False
    mode: Mode = "coaching"
    language: str = Field("en", min_length=2, max_length=35)
    focus: Focus = "mixed"
    ask_consent: bool = False
    questions: tuple[BankQuestion, ...] = Field((), max_length=MAX_BANK_QUESTIONS)
    resume_id: UUID | None = None
    job_description_id: UUID | None = None
    domains: tuple[str, ...] = Field((), max_length=30)


class Usage(Contract):
    """What models used for something, failed attempts included. `cost` is in US dollars, None where a price is
    unknown."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None

    @property
    def tokens(self) -> int:
        """Both together."""
        return self.prompt_tokens + self.completion_tokens


class Provenance(Contract):
    """Which engine said something, and whether it is a fallback for a better one."""

    engine: Literal["scripted", "llm", "none"]
    model: str | None = None
    prompt_version: str | None = None
    degraded: bool = False
    usage: Usage | None = None


class Question(Contract):
    """What the interviewer puts to the candidate in one turn: a question, or what stands in its place."""

    kind: QuestionKind
    text: str = Field(min_length=1)
    phase: Phase
    domain: str | None = None
    difficulty: Difficulty | None = None
    bank_id: str | None = None
    """The question in the bank that this is, or that it follows up on."""
    expects: tuple[Expectation, ...] = ()
    sources: tuple[SourceRef, ...] = ()
    """Where in the candidate's documents that stands which the question says of them."""


class PlannedDomain(Contract):
    """So many questions of one phase and domain."""

    phase: Phase
    domain: str
    target: int = Field(ge=1)


class Plan(Contract):
    """What an interview is to cover, made at its start, in the order of the phases."""

    domains: tuple[PlannedDomain, ...] = ()


class Utterance(Contract):
    """One thing that was said."""

    role: Literal["interviewer", "candidate"]
    text: str
    turn: int


class Budget(Contract):
    """What of the interview is used up. `asked` counts questions and follow-ups; times are in seconds."""

    asked: int
    target: int
    elapsed: float
    duration: float
    time_based: bool

    @property
    def spent(self) -> bool:
        """No further question may be put."""
        return self.elapsed >= self.duration if self.time_based else self.asked >= self.target


class TurnContext(Contract):
    """All that a stateless engine needs to react to an answer.

    `transcript` is the newest part of the conversation, bounded to 64 KiB; it ends with the answer.
    `asked_ids` are the bank ids of all questions so far, `coverage` counts questions by domain, `scores`
    are those of earlier answers (0 to 1, None where unknown), oldest first.
    """

    config: SessionConfig
    question: Question
    answer: str
    transcript: tuple[Utterance, ...]
    asked_ids: tuple[str, ...] = ()
    coverage: dict[str, int] = Field(default_factory=dict)
    budget: Budget
    follow_ups_in_row: int = 0
    clarified: bool = False
    """The current question was clarified already: it is not clarified twice."""
    scores: tuple[float | None, ...] = ()
    plan: Plan | None = None
    covered: dict[str, int] = Field(default_factory=dict)
    """Questions put so far by phase, follow-ups not counted."""
    attempt: int = 1
    """Which attempt at the question this is; from 2 on it is a retry, and nobody replies to it."""


class Quote(Contract):
    """Words of the candidate, verbatim, and what they show."""

    text: str = Field(min_length=1)
    shows: str = ""


class Criteria(Contract):
    """Scores by criterion, 0 to 1; None where the answer gave no basis for one."""

    relevance: float | None = Field(None, ge=0, le=1)
    depth: float | None = Field(None, ge=0, le=1)
    structure: float | None = Field(None, ge=0, le=1)
    evidence: float | None = Field(None, ge=0, le=1)
    clarity: float | None = Field(None, ge=0, le=1)


CriterionName = Literal["relevance", "depth", "structure", "evidence", "clarity"]
TOP_LEVEL = 4
"""Levels of a criterion run from 0 to this; a criterion's score is its level divided by it."""


class Judgement(Contract):
    """The level of one criterion, the behaviour that describes the level, and the words that support it.

    `level` None: the answer gave not enough evidence. `quotes` occur verbatim in the answer.
    """

    criterion: CriterionName
    level: int | None = Field(None, ge=0, le=TOP_LEVEL)
    anchor: str = ""
    explanation: str = ""
    quotes: tuple[str, ...] = ()


class Star(Contract):
    """The parts of a story, each with the candidate's words that tell it; None where it was not told."""

    situation: str | None = None
    task: str | None = None
    action: str | None = None
    result: str | None = None


class Delivery(Contract):
    """How something was said. Coaching only: no score uses it.

    `fillers` and `hedges` are counts, `pace` is in words a minute and `talk_share` is 0 to 1; None where there are no
    timings to tell.
    """

    words: int = 0
    fillers: int = 0
    hedges: int = 0
    fillers_per_100: float = 0.0
    hedges_per_100: float = 0.0
    longest_sentence: int = 0
    pace: float | None = None
    talk_share: float | None = None
    advice: tuple[str, ...] = ()


class Feedback(Contract):
    """The coach's view of one answer.

    `judged` False: a turn that is not an answer to be judged, and `text` says why. `score` is 0 to 1, and
    None whenever `evidence` is insufficient. Every quote occurs verbatim in the answer. `runs` is how many
    judgements the levels are the median of.
    """

    judged: bool
    text: str
    score: float | None = Field(None, ge=0, le=1)
    evidence: Evidence = "insufficient"
    strengths: tuple[str, ...] = ()
    improvements: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()
    criteria: Criteria = Criteria()
    technical_accuracy: float | None = Field(None, ge=0, le=1)
    completeness: float | None = Field(None, ge=0, le=1)
    clarity: float | None = Field(None, ge=0, le=1)
    provenance: Provenance
    analysis: str = ""
    judgements: tuple[Judgement, ...] = ()
    star: Star | None = None
    delivery: Delivery | None = None
    reference_answer: str = ""
    """What a good answer would have been, written before this one was judged. Not shown while the interview runs."""
    runs: int = 1


class Resource(Contract):
    """Something to read or practise with, and why it was picked for this candidate."""

    title: str
    url: str
    description: str
    resource_type: str
    reasoning: str


HiringDecision = Literal["strong_yes", "yes", "maybe", "no", "not_enough_evidence"]


class HiringRecommendation(Contract):
    """What the scores come to; `confidence` (0 to 1) grows with the number of judged answers and their agreement."""

    decision: HiringDecision
    confidence: float = Field(ge=0, le=1)
    reasoning: str


class QuestionScore(Contract):
    """How one answer did; texts are left to the transcript. `attempts` are the scores of all attempts, oldest first."""

    turn: int
    kind: QuestionKind
    phase: Phase
    domain: str | None = None
    difficulty: Difficulty | None = None
    score: float | None = None
    technical_accuracy: float | None = None
    completeness: float | None = None
    clarity: float | None = None
    attempts: tuple[float | None, ...] = ()


class ReportStatistics(Contract):
    """The numbers of a report, 0 to 1, all computed from the feedback by code. Means leave out what has no score.

    `trend` is the slope of the scores over the interview: `too_few_questions` below three scored answers.
    """

    questions: tuple[QuestionScore, ...] = ()
    criteria: dict[str, float] = Field(default_factory=dict)
    metrics: dict[str, float] = Field(default_factory=dict)
    """Means of technical_accuracy, completeness and clarity."""
    domains: dict[str, float] = Field(default_factory=dict)
    difficulties: dict[str, float] = Field(default_factory=dict)
    phases: dict[str, float] = Field(default_factory=dict)
    trend: Literal["improving", "declining", "consistent", "too_few_questions"] = "too_few_questions"
    delivery: Delivery | None = None


class Report(Contract):
    """The final summary. The four texts are paragraphs parted by newlines; `overall_score` is 0 to 1.

    `insights` are lines of which each quotes the candidate verbatim, as `quotes` do.
    """

    patterns_tendencies: str
    strengths: str
    weaknesses: str
    improvement_focus_areas: str
    recommended_resources: tuple[Resource, ...] = ()
    overall_score: float | None = Field(None, ge=0, le=1)
    quotes: tuple[Quote, ...] = ()
    provenance: Provenance
    summary: str = ""
    strength_points: tuple[str, ...] = ()
    weakness_points: tuple[str, ...] = ()
    recommendations: tuple[str, ...] = ()
    insights: tuple[str, ...] = ()
    hiring: HiringRecommendation | None = None
    statistics: ReportStatistics = ReportStatistics()


class TranscriptTurn(Contract):
    """One turn of the whole transcript: what was asked, answered and said about it."""

    turn: int
    question_id: UUID
    question: Question
    asked_at: datetime
    answer: str | None = None
    answered_at: datetime | None = None
    feedback: Feedback | None = None
    attempts: tuple[float | None, ...] = ()
    """Scores of all attempts at the question, oldest first, the one in `feedback` included."""
