"""How a person's interviews compare: numbers over time, and where each criterion is going."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from statistics import fmean, linear_regression
from typing import Literal
from uuid import UUID

from contracts.session.asks import Progress, SessionScore
from contracts.vocabulary.judgement import Evidence
from pydantic import BaseModel

Direction = Literal["improving", "declining", "steady", "too_few_sessions"]
FEWEST = 2
STEADY = 0.02
"""Change a session, on a scale of 0 to 1, below which a criterion counts as steady."""


class Trend(BaseModel):
    """One score over several interviews, 0 to 1; one that is missing shows as 0 and is left out of the figures."""

    scores: list[float]
    latest: float
    best: float
    mean: float
    change_per_session: float
    trend: Direction


class ReportedSession(BaseModel):
    """What the report of one interview came to."""

    session_id: UUID
    job_role: str
    mode: str
    ended_at: datetime
    questions: int
    overall_score: float
    evidence: Evidence
    criteria: dict[str, float]
    domains: dict[str, float]
    engine: str
    degraded: bool


class ProgressPage(BaseModel):
    """Sessions oldest first, and the trend of the whole and of each criterion over those that have a score."""

    sessions: list[ReportedSession]
    overall: Trend
    criteria: dict[str, Trend]


def progress_document(progress: Progress) -> ProgressPage:
    """The page of a person's reported interviews."""
    sessions = progress.sessions
    names = dict.fromkeys(name for each in sessions for name in each.criteria)
    return ProgressPage(
        sessions=[_session(each) for each in sessions],
        overall=_trend([each.overall_score for each in sessions]),
        criteria={name: _trend([each.criteria.get(name) for each in sessions]) for name in names},
    )


def slope(values: Sequence[float]) -> float:
    """Change from one value to the next, by least squares; 0 for fewer than two."""
    return linear_regression(range(len(values)), values).slope if len(values) >= FEWEST else 0.0


def _trend(values: Sequence[float | None]) -> Trend:
    known = [value for value in values if value is not None]
    change = slope(known)
    return Trend(
        scores=[value or 0.0 for value in values],
        latest=known[-1] if known else 0.0,
        best=max(known, default=0.0),
        mean=round(fmean(known), 3) if known else 0.0,
        change_per_session=round(change, 3),
        trend=_direction(change, len(known)),
    )


def _direction(change: float, count: int) -> Direction:
    if count < FEWEST:
        return "too_few_sessions"
    if abs(change) < STEADY:
        return "steady"
    return "improving" if change > 0 else "declining"


def _session(score: SessionScore) -> ReportedSession:
    return ReportedSession(
        session_id=score.session_id,
        job_role=score.job_role,
        mode=score.mode,
        ended_at=score.ended_at,
        questions=score.questions,
        overall_score=score.overall_score or 0.0,
        evidence="sufficient" if score.overall_score is not None else "insufficient",
        criteria=score.criteria,
        domains=score.domains,
        engine=score.provenance.engine,
        degraded=score.provenance.degraded,
    )
