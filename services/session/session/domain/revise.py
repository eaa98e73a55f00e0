"""What a candidate may want beside answering: other words, a corrected record, another attempt, a new report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from contracts import Payload
from contracts.gateway.events import AnswerRetried, RephraseRequested, ReportRequested, TranscriptCorrected
from contracts.session.events import Corrected, Rephrased, ReportDue, Retried

from session.domain.refusals import REFUSALS, refuse, why_not_now
from session.domain.state import State

MAX_REPHRASINGS = 3
MAX_ATTEMPTS = 10
_CAN_BE_REPHRASED = frozenset({"introduction", "question", "follow_up", "clarification"})


def rephrase(state: State, wish: RephraseRequested) -> Sequence[Payload]:
    """Put the current question in other words."""
    reason = why_not_now(state, wish)
    if reason is not None:
        return refuse("rephrase", reason, wish.request_hash)
    assert state.current is not None
    if state.current.question.kind not in _CAN_BE_REPHRASED:
        return refuse("rephrase", "not_possible", wish.request_hash, "There is no question to put in other words.")
    if _rephrasings(state) >= MAX_REPHRASINGS:
        detail = "This question was put in other words several times. Answer what you can, and say what is unclear."
        return refuse("rephrase", "not_possible", wish.request_hash, detail)
    return [Rephrased(turn=state.current.turn, question_id=state.current.id, request_hash=wish.request_hash)]


def _rephrasings(state: State) -> int:
    count = 0
    for each in reversed(state.asked):
        if each.action != "rephrase":
            break
        count += 1
    return count


def correct(state: State, correction: TranscriptCorrected, now: datetime) -> Sequence[Payload]:
    """Correct the record of an answer, which is then judged again. The same words confirm what was understood."""
    refusal = _why_not_revised(state, correction)
    if not refusal:
        answer = state.answers[correction.turn]
        doubtful = answer.spoken is not None and (answer.spoken.unsure or answer.spoken.under_review(now))
        if answer.text == correction.text and not doubtful:
            refusal = "That is what the record says already."
    if refusal:
        return refuse("correct", "not_possible", correction.request_hash, refusal)
    return [Corrected(**_revision(state, correction))]


def retry(state: State, attempt: AnswerRetried) -> Sequence[Payload]:
    """Another attempt at a question that was answered and judged."""
    refusal = _why_not_revised(state, attempt) or _why_not_retried(state, attempt.turn)
    if refusal:
        return refuse("retry", "not_possible", attempt.request_hash, refusal)
    return [Retried(**_revision(state, attempt))]


def _revision(state: State, wanted: TranscriptCorrected | AnswerRetried) -> dict[str, Any]:
    answer = state.answers[wanted.turn]
    return {
        "turn": wanted.turn,
        "revision": answer.revision + 1,
        "question_id": answer.question_id,
        "text": wanted.text,
        "request_hash": wanted.request_hash,
    }


def _why_not_revised(state: State, wanted: TranscriptCorrected | AnswerRetried) -> str:
    if wanted.turn not in state.answers:
        return "There is no answer in that turn."
    if state.status == "cancelled":
        return "The interview was called off."
    if state.pending_answer and state.pending_answer.turn == wanted.turn:
        return REFUSALS["reply_pending"]
    return ""


def _why_not_retried(state: State, turn: int) -> str:
    if state.config.mode == "realistic" and not state.over:
        return "In a realistic interview a question can be tried again once it is over."
    if turn not in state.scores:
        return "The feedback on your last attempt is on its way; please wait for it."
    if len(state.attempts.get(turn, ())) + 1 >= MAX_ATTEMPTS:
        return "You have tried this question often enough; take another one."
    return ""


def report_anew(state: State, wanted: ReportRequested) -> Sequence[Payload]:
    """Another version of the report."""
    if not state.over or state.ending == "cancelled":
        detail = "There is a report once the interview is over."
        return refuse("report", "not_possible", wanted.request_hash, detail)
    if state.report_status not in {"completed", "error"} or state.awaiting_feedback:
        return refuse("report", "not_possible", wanted.request_hash, "A report is being written already.")
    return [ReportDue(version=state.report_version + 1, request_hash=wanted.request_hash)]
