"""An engine without a model: a rubric engine that is the same for everyone, every time."""

from __future__ import annotations

from contracts.coach.asks import Sketch
from contracts.vocabulary.judgement import Feedback
from contracts.vocabulary.report import Report
from contracts.vocabulary.turn import TranscriptTurn, TurnContext

from coach.engines import Finder, ReportMaterial
from coach.engines.scripted.evaluation import evaluate
from coach.engines.scripted.report import write_report
from coach.engines.scripted.sketch import sketch

__all__ = ["ScriptedEngine"]


class ScriptedEngine:
    """Reads for evidence by fixed rules; see `criteria` for the rubric. `finder` may search for resources."""

    def __init__(self, finder: Finder | None = None) -> None:
        self._finder = finder

    async def evaluate(self, context: TurnContext) -> Feedback:
        return evaluate(context)

    async def report(self, material: ReportMaterial) -> Report:
        report = write_report(material)
        if self._finder is None:
            return report
        return report.model_copy(update={"recommended_resources": await self._finder.find(material)})

    async def sketch(self, turn: TranscriptTurn, material: ReportMaterial) -> Sketch:
        return sketch(turn, material.config)
