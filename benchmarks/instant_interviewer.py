"""The interviewer with an engine that takes no time: what is left is our own share of a turn."""

from __future__ import annotations

from unittest import mock
from uuid import UUID

from contracts.interviewer.asks import AcknowledgeAsk, Acknowledgement
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.question import Question
from contracts.vocabulary.turn import TurnContext
from interviewer import main as interviewer
from interviewer.engine import Draft, Guidance, Proposal

_WHO = Provenance(engine="scripted", model="instant")


class InstantEngine:
    """Says the same every time, within the rules."""

    async def introduce(self, session_id: UUID, config: SessionConfig) -> Proposal:
        question = Question(kind="introduction", text="Please introduce yourself.", phase="intro")
        return Proposal("introduce", question, "", _WHO)

    async def propose(self, session_id: UUID, context: TurnContext, guidance: Guidance, draft: Draft) -> Proposal:
        if "conclude" in guidance.allowed:
            return Proposal("conclude", Question(kind="closing", text="Thank you.", phase="closing"), "", _WHO)
        question = Question(kind="question", text="And what came next?", phase="technical", domain="backend")
        return Proposal("new_question", question, "", _WHO)

    async def acknowledge(self, ask: AcknowledgeAsk) -> Acknowledgement:
        return Acknowledgement(text="I see.", provenance=_WHO)


if __name__ == "__main__":
    with mock.patch.object(interviewer, "make_engine", return_value=InstantEngine()):
        interviewer.main()
