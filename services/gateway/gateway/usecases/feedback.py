"""Feedback as clients get it."""

from __future__ import annotations

from typing import Any

from contracts.asks import FeedbackItem, View
from contracts.interview import Feedback

from gateway.bus.commands import ENDED


def feedback_items(view: View) -> list[dict[str, Any]]:
    """Item i belongs to the candidate's i-th message; one that is still due ends the list.

    A realistic interview shows none before its end.
    """
    session = view.session
    if session and session.config.mode == "realistic" and session.status not in ENDED:
        return []
    shown: list[dict[str, Any]] = []
    for item in view.feedback:
        if item.feedback is None:
            break
        shown.append(_item(item, item.feedback))
    return shown


def _item(item: FeedbackItem, given: Feedback) -> dict[str, Any]:
    return {
        "turn": item.turn,
        "question": item.question,
        "answer": item.answer,
        "feedback": given.text,
        "judged": given.judged,
        "score": given.score,
        "evidence": given.evidence,
        "strengths": list(given.strengths),
        "improvements": list(given.improvements),
        "quotes": [quote.model_dump() for quote in given.quotes],
        "analysis": given.analysis,
        "criteria": given.criteria.model_dump(),
        "judgements": [each.model_dump() for each in given.judgements],
        "star": given.star.model_dump() if given.star else None,
        "technical_accuracy": given.technical_accuracy,
        "completeness": given.completeness,
        "clarity": given.clarity,
        "delivery": given.delivery.model_dump() if given.delivery else None,
        "runs": given.runs,
        "engine": given.provenance.engine,
        "model": given.provenance.model,
        "prompt_version": given.provenance.prompt_version,
        "degraded": given.provenance.degraded,
    }
