"""The coach with an engine that takes no time: what is left is our own share of a turn."""

from __future__ import annotations

from unittest import mock

from coach import main as coach
from coach.engines import ReportMaterial
from contracts.coach.asks import Sketch
from contracts.vocabulary.judgement import Feedback
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.report import Report
from contracts.vocabulary.turn import TranscriptTurn, TurnContext

_WHO = Provenance(engine="scripted", model="instant")


class InstantEngine:
    """Says the same every time."""

    async def evaluate(self, context: TurnContext) -> Feedback:
        return Feedback(judged=True, text="Thank you.", score=0.5, evidence="sufficient", provenance=_WHO)

    async def report(self, material: ReportMaterial) -> Report:
        return Report(
            patterns_tendencies="-", strengths="-", weaknesses="-", improvement_focus_areas="-", provenance=_WHO
        )

    async def sketch(self, turn: TranscriptTurn, material: ReportMaterial) -> Sketch:
        return Sketch(found=True, text="-", provenance=_WHO)


if __name__ == "__main__":
    with mock.patch.object(coach, "ScriptedEngine", return_value=InstantEngine()):
        coach.main()
