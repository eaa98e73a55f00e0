"""How a person's interviews compare: numbers over time, and where each criterion is going."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from contracts.asks import Progress, SessionScore

Direction = Literal["improving", "declining", "steady", "too_few_sessions"]
FEWEST = 2
STEADY = 0.02
"""Change a session, on a scale of 0 to 1, below which a criterion counts as steady."""


def progress_document(progress: Progress) -> dict[str, Any]:
    """Sessions oldest first, and the trend of the whole and of each criterion over those that have a score."""
    sessions = progress.sessions
    names = dict.fromkeys(name for each in sessions for name in each.criteria)
    return {
        "sessions": [_session(each) for each in sessions],
        "overall": _trend([each.overall_score for each in sessions]),
        "criteria": {name: _trend([each.criteria.get(name) for each in sessions]) for name in names},
    }


def slope(values: Sequence[float]) -> float:
    """Change from one value to the next, by least squares; 0 for fewer than two."""
    count = len(values)
    if count < FEWEST:
        return 0.0
    middle, mean = (count - 1) / 2, sum(values) / count
    spread = sum((place - middle) ** 2 for place in range(count))
    return sum((place - middle) * (value - mean) for place, value in enumerate(values)) / spread


def _trend(values: Sequence[float | None]) -> dict[str, Any]:
    known = [value for value in values if value is not None]
    change = slope(known)
    return {
        "scores": [value or 0.0 for value in values],
        "latest": known[-1] if known else 0.0,
        "best": max(known, default=0.0),
        "mean": round(sum(known) / len(known), 3) if known else 0.0,
        "change_per_session": round(change, 3),
        "trend": _direction(change, len(known)),
    }


def _direction(change: float, count: int) -> Direction:
    if count < FEWEST:
        return "too_few_sessions"
    if abs(change) < STEADY:
        return "steady"
    return "improving" if change > 0 else "declining"


def _session(score: SessionScore) -> dict[str, Any]:
    return {
        "session_id": str(score.session_id),
        "job_role": score.job_role,
        "mode": score.mode,
        "ended_at": score.ended_at,
        "questions": score.questions,
        "overall_score": score.overall_score or 0.0,
        "evidence": "sufficient" if score.overall_score is not None else "insufficient",
        "criteria": score.criteria,
        "domains": score.domains,
        "engine": score.provenance.engine,
        "degraded": score.provenance.degraded,
    }
