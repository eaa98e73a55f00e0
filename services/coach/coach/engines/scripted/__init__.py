"""An engine without a language model: an honest partner to practise with, which says what it cannot judge."""

from __future__ import annotations

from contracts.coach.asks import Sketch
from contracts.vocabulary.judgement import Feedback
from contracts.vocabulary.report import Report
from contracts.vocabulary.turn import TranscriptTurn, TurnContext
from parley_meaning import Encoder

from coach.engines import Finder, ReportMaterial
from coach.engines.scripted.evaluation import Judge
from coach.engines.scripted.report import write_report
from coach.engines.scripted.sketch import sketch
from coach.said import sure_of

__all__ = ["ScriptedEngine"]


class ScriptedEngine:
    """Estimates by meaning what people would say of an answer, and abstains where it cannot tell.

    `finder` may search for resources.
    """

    def __init__(self, encoder: Encoder, finder: Finder | None = None) -> None:
        self._judge = Judge(encoder)
        self._finder = finder

    async def evaluate(self, context: TurnContext) -> Feedback:
        return await self._judge.evaluate(context)

    async def report(self, material: ReportMaterial) -> Report:
        report = write_report(material)
        if self._finder is None:
            return report
        return report.model_copy(update={"recommended_resources": await self._finder.find(material)})

    async def sketch(self, turn: TranscriptTurn, material: ReportMaterial) -> Sketch:
        if not turn.answer:
            return Sketch(found=False)
        earlier = next((each.answer for each in reversed(material.turns[: turn.turn]) if each.answer), "")
        return sketch(await self._judge.read(turn.question, sure_of(turn.answer, turn.spoken), earlier or ""))
