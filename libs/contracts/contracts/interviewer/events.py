"""What the interviewer says."""

from __future__ import annotations

from contracts.envelope import Payload
from contracts.registry import event
from contracts.vocabulary.disclosure import Disclosure
from contracts.vocabulary.listening import Adjustment, Remark
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.question import Action, Plan, Question


@event("interviewer.replied", schema_version=3)
class Replied(Payload):
    """The reply to the answer of `turn` (-1: to the start), in its revision `revision`.

    `tokens` is what a model used for it, 0 where none was asked. `plan` and what was
    `disclosed` come with the introduction. `heard` is what was said instead of an answer: the question stands then.
    `pauses`: the interview waits until the candidate goes on. `adjusts` is what changes from here on.
    """

    turn: int
    revision: int
    question: Question
    action: Action
    reasoning: str
    provenance: Provenance
    tokens: int = 0
    plan: Plan | None = None
    disclosed: Disclosure | None = None
    heard: Remark | None = None
    pauses: bool = False
    adjusts: Adjustment | None = None
