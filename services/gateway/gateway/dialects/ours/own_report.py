"""Our own report: that of all dialects, and what was looked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from gateway.dialects.report_shapes import AnsweredQuestion, SessionReport


class ExplainedQuestion(AnsweredQuestion):
    """`expected_points` are what a good answer covers; empty where nobody wrote any."""

    expected_points: list[str]


class OwnReport(SessionReport):
    """The report, with what was looked for in each answer."""

    questions_breakdown: list[ExplainedQuestion]  # type: ignore[assignment]

    @classmethod
    def of(cls, report: SessionReport, expected: Mapping[int, tuple[str, ...]]) -> Self:
        """The report with what was expected by turn."""
        explained = [
            ExplainedQuestion(**dict(each), expected_points=list(expected.get(each.turn, ())))
            for each in report.questions_breakdown
        ]
        return cls(**{**dict(report), "questions_breakdown": explained})
