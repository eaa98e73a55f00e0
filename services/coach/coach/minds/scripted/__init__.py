"""A mind without a model: a rubric engine that is the same for everyone, every time."""

from __future__ import annotations

from contracts.interview import Feedback, Report, TurnContext

from coach.minds import ReportMaterial
from coach.minds.scripted.evaluation import evaluate
from coach.minds.scripted.report import write_report

__all__ = ["ScriptedMind"]


class ScriptedMind:
    """Reads for evidence by fixed rules; see `criteria` for the rubric."""

    async def evaluate(self, context: TurnContext) -> Feedback:
        """See Mind."""
        return evaluate(context)

    async def report(self, material: ReportMaterial) -> Report:
        """See Mind."""
        return write_report(material)
