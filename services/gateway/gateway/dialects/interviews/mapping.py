"""From a session, as the session service shows it, to what the interviews API answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from contracts.session.asks import FeedbackItem, Message, SessionView, Status, View
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.judgement import Feedback
from parley_text.questions import asked_in

from gateway.bus.commands import ENDED
from gateway.dialects.interviews.shapes import (
    AnswerEvaluation,
    AnswerRecord,
    Interview,
    InterviewResults,
    InterviewStatus,
    PutQuestion,
    SeedStatus,
    WorkflowState,
)
from gateway.dialects.messages import title_of
from gateway.dialects.rounds import PUT, WITHHELD
from gateway.usecases.feedback import visible_feedback
from gateway.usecases.numbered_interviews import number_of

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
        title=title_of(session),
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
        questions_answered=_answered(session),
        user_id=str(session.user_id or ""),
        created_at=session.created_at,
        started_at=session.started_at,
        completed_at=session.ended_at,
    )


def _answered(session: SessionView) -> int:
    """How many of the questions that were put were answered: all but the one that stands. What only asked back is
    counted among the answers of a session, and is none here."""
    put = session.questions_asked + (session.answers > 0 or session.questions_asked > 0)  # the introduction
    standing = 0 if session.ending == "budget" else 1
    return max(0, min(session.answers, put - standing, _total(session.config)))


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
    shown = {item.turn: item.feedback for item in visible_feedback(view)}
    replies = {each.turn: each for each in view.messages if each.role == "assistant"}
    over = _session(view).status in ENDED
    found: list[AnswerRecord] = []
    put: Message | None = None
    for each in view.messages:
        if each.role == "assistant":
            put = each if each.response_type in PUT else put
        elif put is not None and _counts(replies.get(each.turn + 1), over):
            feedback = shown.get(each.turn)
            found.append(
                AnswerRecord(
                    question=asked_in(put.content, put.metadata["phase"]),
                    response=each.content,
                    score=_out_of(TOP, feedback.estimated if feedback else None),
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
        score=_out_of(TOP, feedback.estimated),
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
    # Who called it off gets no report, and no score but those of the answers: lists say the same.
    scored = session.status != "cancelled" and any(each.evidence == "sufficient" for each in history)
    origin = report.provenance if report else None
    return InterviewResults(
        interview_id=number_of(session.session_id),
        title=title_of(session),
        position=session.config.job_role,
        interview_type=session.config.focus,
        status=STATUSES[session.status],
        score=_out_of(TOP, report.overall_score) if report else _mean(history) if scored else 0.0,
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
