"""One realistic event of each type: the material for golden samples, which are written once and then kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from contracts import Event, Payload, derived_id
from contracts.coach.events import FeedbackGiven, ReportWritten
from contracts.documents.events import DocumentFailed, DocumentProcessed
from contracts.gateway.events import (
    AnswerRetried,
    DocumentUploaded,
    ErasureRequested,
    InterviewEnded,
    InterviewPaused,
    InterviewResumed,
    InterviewStarted,
    RecordingUploaded,
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
    Corrected,
    Created,
    Erased,
    FeedbackRecorded,
    Paused,
    QuestionAsked,
    Reconfigured,
    Refused,
    Rephrased,
    ReportDue,
    ReportRecorded,
    Reset,
    Resumed,
    Retried,
    Started,
)
from contracts.speech.events import Progressed, RecognitionFailed, Transcribed
from contracts.vocabulary.bank import BankExpectation, BankQuestion
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.document import SourceRef
from contracts.vocabulary.hearing import Heard, HeardWord, RecordingRef, Span, SpokenAnswer, Timing
from contracts.vocabulary.judgement import Criteria, Delivery, Feedback, Judgement, Quote, Star
from contracts.vocabulary.listening import Adjustment
from contracts.vocabulary.provenance import Provenance, Usage
from contracts.vocabulary.question import Expectation, Plan, PlannedDomain, Question
from contracts.vocabulary.report import HiringRecommendation, QuestionScore, Report, ReportStatistics, Resource
from contracts.vocabulary.turn import Budget, TurnContext, Utterance

_BEGIN = datetime(2026, 11, 2, 9, 30, 0, 125_000, tzinfo=UTC)
_SESSION = UUID("6f1f7a5e-3c0b-4c9e-9a53-0f6f6f0c9d21")
_DOCUMENT = UUID("c2b1f0de-5d0e-4a3f-8a53-7b6b3d1f9e04")
_USER = UUID("0b8f2f0a-5d8e-4f7e-8a41-7f0f6b1f2c33")
_REQUEST_HASH = "9f2c1e7b5a3d8c60"

_CONFIG = SessionConfig(
    job_role="Backend Engineer",
    job_description="You build the payment services of a bookshop. Python, Postgres, on call at times.",
    resume_content="Six years of Python. Moved a monolith's billing to three services at Ørsted Books.",
    company_name="Café Müller & Söhne",
    style="technical",
    target_question_count=4,
    questions=(
        BankQuestion(
            id="billing-rounding",
            text="How do you round amounts of money, and where?",
            domain="billing",
            expects=(BankExpectation(point="Keeps amounts in the smallest unit", cues=("cents", "integer")),),
            follow_ups=("Who decides what happens to the last cent?",),
        ),
    ),
    resume_id=_DOCUMENT,
    domains=("backend", "databases"),
)
_SCRIPTED = Provenance(engine="scripted", prompt_version="bank-1")
_MODEL = Provenance(
    engine="llm",
    model="gpt-4o",
    prompt_version="turn@1",
    usage=Usage(prompt_tokens=1830, completion_tokens=164, cost=0.006215),
)
_PLAN = Plan(
    domains=(
        PlannedDomain(phase="technical", domain="databases", target=3),
        PlannedDomain(phase="behavioral", domain="general_behavioral", target=1),
    )
)
_ANSWER = (
    "We found it in the query plan: the planner had stopped using the index on (customer, created_at) after "
    "the table grew, so I added a partial index and the p99 went from 900 to 40 milliseconds."
)
_QUESTION = Question(
    kind="question",
    text="Tell me about a slow query that you tracked down. How did you find the cause?",
    phase="technical",
    domain="databases",
    difficulty="medium",
    bank_id="backend.slow-query",
    expects=(
        Expectation(point="measures before changing anything", cues=("explain", "query plan")),
        Expectation(point="says what it gained", cues=("p99", "latency")),
    ),
    sources=(SourceRef(document_id=_DOCUMENT, chunk_index=4),),
)
_FOLLOW_UP = Question(
    kind="follow_up",
    text="You added a partial index. What did it cost on writes, and how did you weigh that?",
    phase="technical",
    domain="databases",
    difficulty="medium",
    bank_id="backend.slow-query",
)
_RECORDING = RecordingRef(
    key=f"{_SESSION}/{derived_id(_SESSION, 'gateway.user_audio.v1')}",
    size=182_044,
    sha256="2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
)
_SPOKEN = SpokenAnswer(
    recording=_RECORDING.key,
    duration=14.2,
    confidence=0.91,
    language="en",
    unsure=(Span(start=12, end=19),),
    timing=Timing(speaking=11.8, pauses=1, longest_pause=1.3),
    provider="openai",
    model="whisper-1",
)
_CONTEXT = TurnContext(
    config=_CONFIG,
    question=_QUESTION,
    answer=_ANSWER,
    transcript=(
        Utterance(role="interviewer", text=_QUESTION.text, turn=1),
        Utterance(role="candidate", text=_ANSWER, turn=1),
    ),
    asked_ids=("backend.slow-query",),
    coverage={"databases": 1},
    budget=Budget(asked=1, target=4, elapsed=184.5, duration=1800.0, time_based=False),
    scores=(None, 0.62),
    plan=_PLAN,
    covered={"technical": 1},
    remarks=("accommodation",),
    accommodations=("extra_time",),
)
_QUOTES = (Quote(text="the p99 went from 900 to 40 milliseconds", shows="measured the result"),)
_FEEDBACK = Feedback(
    judged=True,
    text="A clear case with a cause and a number. Say next time what the index cost on writes.",
    score=0.78,
    evidence="sufficient",
    strengths=("Names the cause", "Gives the result as a number"),
    improvements=("Leaves the price of the index open",),
    quotes=_QUOTES,
    criteria=Criteria(relevance=0.9, depth=0.7, structure=0.75, evidence=0.85),
    technical_accuracy=0.8,
    completeness=0.7,
    clarity=0.8,
    provenance=_MODEL,
    analysis="The cause is found by measuring, and the gain is a number. What the index costs stays open.",
    judgements=(
        Judgement(
            criterion="evidence",
            level=3,
            anchor="it gave three kinds of evidence",
            explanation="A named technique, a number and a result.",
            quotes=("the p99 went from 900 to 40 milliseconds",),
        ),
        Judgement(criterion="structure"),
    ),
    star=Star(action="I added a partial index", result="the p99 went from 900 to 40 milliseconds"),
    delivery=Delivery(words=41, fillers=1, fillers_per_100=2.4, longest_sentence=41, advice=("Pause more.",)),
    reference_answer="Measure first, read the plan, name the cause, fix it, measure again, and say what it costs.",
    runs=3,
)
_REPORT = Report(
    patterns_tendencies="You begin with the cause.\nYou rarely say what a choice cost.",
    strengths="You give results as numbers.",
    weaknesses="Trade-offs stay open.",
    improvement_focus_areas="End each story with what it cost and how you would decide today.",
    recommended_resources=(
        Resource(
            title="Use The Index, Luke",
            url="https://use-the-index-luke.com/",
            description="How indexes work and what they cost.",
            resource_type="book",
            reasoning="Your index story left the cost on writes open.",
        ),
    ),
    overall_score=0.74,
    quotes=_QUOTES,
    provenance=_SCRIPTED,
    summary="A solid interview with measured results.",
    strength_points=("Measures results",),
    weakness_points=("Leaves trade-offs open",),
    recommendations=("End each story with what it cost.",),
    insights=("Measures results: “the p99 went from 900 to 40 milliseconds”",),
    hiring=HiringRecommendation(decision="yes", confidence=0.6, reasoning="Two judged answers, both above 0.7."),
    statistics=ReportStatistics(
        questions=(
            QuestionScore(
                turn=1,
                kind="question",
                phase="technical",
                domain="databases",
                difficulty="medium",
                score=0.78,
                technical_accuracy=0.8,
                completeness=0.7,
                clarity=0.8,
                attempts=(0.62, 0.78),
            ),
        ),
        criteria={"depth": 0.7},
        metrics={"technical_accuracy": 0.8, "completeness": 0.7, "clarity": 0.8},
        domains={"databases": 0.78},
        difficulties={"medium": 0.78},
        phases={"technical": 0.78},
        delivery=Delivery(words=41, fillers=1, fillers_per_100=2.4),
    ),
)
_REASONING = "The answer names a cause and a result, and leaves the cost open."

_PAYLOADS: tuple[Payload, ...] = (
    SessionRequested(config=_CONFIG, request_hash=_REQUEST_HASH),
    InterviewStarted(config=_CONFIG, request_hash=_REQUEST_HASH),
    SessionReconfigured(config=_CONFIG, request_hash=_REQUEST_HASH),
    UserMessage(
        text=_ANSWER,
        question_id=derived_id(_SESSION, "session.question_asked.v1"),
        continues=True,
        keyed=False,
        request_hash=_REQUEST_HASH,
    ),
    UserAudio(
        recording=_RECORDING,
        question_id=derived_id(_SESSION, "session.question_asked.v1"),
        keyed=False,
        request_hash=_REQUEST_HASH,
    ),
    RecordingUploaded(recording=_RECORDING, language="en-US", request_hash=_REQUEST_HASH),
    RephraseRequested(question_id=derived_id(_SESSION, "session.question_asked.v1"), request_hash=_REQUEST_HASH),
    TranscriptCorrected(turn=1, text=_ANSWER, request_hash=_REQUEST_HASH),
    AnswerRetried(turn=1, text=_ANSWER, request_hash=_REQUEST_HASH),
    ReportRequested(request_hash=_REQUEST_HASH),
    InterviewPaused(request_hash=_REQUEST_HASH),
    InterviewResumed(request_hash=_REQUEST_HASH),
    InterviewEnded(reason="cancelled", request_hash=_REQUEST_HASH),
    SessionReset(request_hash=_REQUEST_HASH),
    ErasureRequested(request_hash=_REQUEST_HASH),
    Created(config=_CONFIG, request_hash=_REQUEST_HASH),
    Reconfigured(config=_CONFIG, request_hash=_REQUEST_HASH),
    Started(config=_CONFIG, request_hash=_REQUEST_HASH),
    AnswerRecorded(
        turn=1,
        revision=0,
        question_id=derived_id(_SESSION, "session.question_asked.v1"),
        text=_ANSWER,
        context=_CONTEXT,
        spoken=_SPOKEN,
        request_hash=_REQUEST_HASH,
    ),
    AudioReceived(
        turn=1,
        question_id=derived_id(_SESSION, "session.question_asked.v1"),
        recording=_RECORDING,
        language="en",
        terms=("PostgreSQL", "Ørsted"),
        request_hash=_REQUEST_HASH,
    ),
    AnswerUnheard(
        turn=1,
        question_id=derived_id(_SESSION, "session.question_asked.v1"),
        reason="silent",
        message="There is no sound in this recording.",
        request_hash=_REQUEST_HASH,
    ),
    QuestionAsked(
        turn=2,
        question=_FOLLOW_UP,
        number=2,
        action="follow_up",
        reasoning=_REASONING,
        provenance=_MODEL,
        tokens=1994,
        plan=_PLAN,
        heard="asks_for_language",
        adjusts=Adjustment(language="de"),
    ),
    Rephrased(
        turn=1,
        question_id=derived_id(_SESSION, "session.question_asked.v1"),
        context=_CONTEXT,
        request_hash=_REQUEST_HASH,
    ),
    Corrected(
        turn=1,
        revision=2,
        question_id=derived_id(_SESSION, "session.question_asked.v1"),
        text=_ANSWER,
        context=_CONTEXT,
        request_hash=_REQUEST_HASH,
    ),
    Retried(
        turn=1,
        revision=3,
        question_id=derived_id(_SESSION, "session.question_asked.v1"),
        text=_ANSWER,
        context=_CONTEXT.model_copy(update={"attempt": 2}),
        request_hash=_REQUEST_HASH,
    ),
    FeedbackRecorded(turn=1, revision=0, feedback=_FEEDBACK),
    Refused(
        request="gateway.user_message.v1",
        reason="question_closed",
        detail="That question is closed.",
        request_hash=_REQUEST_HASH,
    ),
    Paused(request_hash=_REQUEST_HASH, by="interviewer"),
    Resumed(paused_for=95.25, request_hash=_REQUEST_HASH),
    Completed(ending="budget", elapsed=1312.75),
    ReportDue(version=1),
    ReportRecorded(version=1, report=_REPORT),
    Reset(request_hash=_REQUEST_HASH),
    Erased(),
    Replied(
        turn=1,
        revision=0,
        question=_FOLLOW_UP,
        action="follow_up",
        reasoning=_REASONING,
        provenance=_MODEL,
        plan=_PLAN,
        heard="accommodation",
        pauses=True,
        adjusts=Adjustment(accommodations=("extra_time",)),
    ),
    FeedbackGiven(turn=1, revision=0, feedback=_FEEDBACK),
    ReportWritten(version=1, report=_REPORT),
    DocumentUploaded(
        kind="resume",
        size=83_412,
        sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        key=f"{_DOCUMENT}/file",
        request_hash=_REQUEST_HASH,
    ),
    DocumentProcessed(kind="resume", media_type="pdf", pages=2, words=734, chunks=21, embedded=True, language="en"),
    DocumentFailed(
        kind="job_description",
        code="encrypted",
        message="The file is protected by a password. Please upload it without one.",
    ),
    Transcribed(
        heard=Heard(
            text="Measured first.",
            words=(
                HeardWord(text="Measured", start=0.4, end=0.9, confidence=0.97),
                HeardWord(text="first.", start=0.9, end=1.3, confidence=0.42),
            ),
            language="en",
            confidence=0.7,
            duration=2.1,
        ),
        provider="openai",
        model="whisper-1",
    ),
    RecognitionFailed(reason="unreadable", message="This is no audio that can be read."),
    Progressed(percent=40),
    AnswerRepeated(turn=1, request_id=derived_id(_SESSION, "gateway.user_message.v1"), request_hash=_REQUEST_HASH),
)


def sample_events() -> dict[str, Event[Payload]]:
    """The samples by type. What the session recorded has a place in its history, all else has none."""
    return {event.type: event for event in _events(_PAYLOADS)}


def _events(payloads: Iterable[Payload]) -> Iterable[Event[Payload]]:
    for number, payload in enumerate(payloads, start=1):
        cause = uuid5(NAMESPACE_URL, f"parley:sample:{payload.TYPE}")
        yield Event(
            id=derived_id(cause, payload.TYPE),
            type=payload.TYPE,
            schema_version=payload.SCHEMA_VERSION,
            subject_id=_SESSION,
            user_id=_USER,
            causation_id=None if payload.TYPE.startswith("gateway.") else cause,
            correlation_id=cause,
            occurred_at=_BEGIN + timedelta(seconds=17 * number),
            stream_version=number if payload.TYPE.startswith("session.") else None,
            data=payload,
        )
