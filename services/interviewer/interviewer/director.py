"""The rules of the conversation. A mind proposes what to say; budgets, phases and counts are decided here."""

from __future__ import annotations

from contracts.interview import Action, Difficulty, Phase, QuestionKind, TurnContext

from interviewer.mind import Guidance, Proposal
from interviewer.reading import Reading

MAX_FOLLOW_UPS_IN_ROW = 2
BEHAVIORAL_SHARE = 0.3
"""The last part of an interview that asks how the candidate worked, rather than what they know."""
_LADDER: tuple[Difficulty, ...] = ("easy", "medium", "hard")
_STEP_UP, _STEP_DOWN = 0.8, 0.35
"""Mean score of the last two judged answers above, or below, which the next question is harder, or easier."""
_ANSWERABLE = frozenset({"introduction", "question", "follow_up", "clarification"})
_SMALL_TALK: frozenset[Phase] = frozenset({"welcome", "intro"})
_SAID_AS: dict[Action, QuestionKind] = {
    "new_question": "question",
    "follow_up": "follow_up",
    "clarify": "clarification",
    "conclude": "closing",
}


class NotAllowed(Exception):
    """A mind proposed what the rules of the interview do not allow."""


def guide(context: TurnContext, reading: Reading) -> Guidance:
    """What may come next, after an answer that reads like this."""
    phase, difficulty = next_phase(context), next_difficulty(context, reading)
    if context.budget.spent:
        return Guidance(frozenset({"conclude"}), "closing", difficulty, "The budget of the interview is used up.")
    standing = context.question.kind in _ANSWERABLE
    if standing and reading.kind in {"question_back", "unclear", "too_short"} and not context.clarified:
        return Guidance(frozenset({"clarify"}), context.question.phase, difficulty, reading.reason)
    allowed: set[Action] = {"new_question"}
    if standing and reading.kind == "answer" and _may_follow_up(context):
        allowed.add("follow_up")
    return Guidance(frozenset(allowed), phase, difficulty, reading.reason)


def check(proposal: Proposal, guidance: Guidance) -> Proposal:
    """The proposal, if the rules allow it. Raises NotAllowed.

    A mind that has nothing left to ask may close where a new question was due. The kind of question counts as
    well: it is what ends an interview, whatever the action is called.
    """
    closes_early = proposal.exhausted and proposal.action == "conclude"
    action: Action = "new_question" if closes_early else proposal.action
    if action not in guidance.allowed or proposal.question.kind != _SAID_AS.get(proposal.action):
        raise NotAllowed(proposal.action)
    return proposal


def next_phase(context: TurnContext) -> Phase:
    """The phase that a new question would belong to."""
    budget = context.budget
    used = budget.elapsed / budget.duration if budget.time_based else budget.asked / budget.target
    return "behavioral" if used >= 1 - BEHAVIORAL_SHARE else "technical"


def next_difficulty(context: TurnContext, reading: Reading) -> Difficulty:
    """The difficulty of a new question: it follows how the last answers went."""
    step = _LADDER.index(context.config.difficulty)
    known = [score for score in context.scores if score is not None][-2:]
    mean = sum(known) / len(known) if known else None
    if reading.kind == "does_not_know" or (mean is not None and mean < _STEP_DOWN):
        step -= 1
    elif mean is not None and len(known) == 2 and mean > _STEP_UP:
        step += 1
    return _LADDER[min(max(step, 0), len(_LADDER) - 1)]


def _may_follow_up(context: TurnContext) -> bool:
    """At most two in a row, never on small talk, and new questions keep at least half of the budget."""
    # A clarified introduction is a clarification by its kind, and small talk still by its phase.
    small_talk = context.question.kind == "introduction" or context.question.phase in _SMALL_TALK
    if small_talk or context.follow_ups_in_row >= MAX_FOLLOW_UPS_IN_ROW:
        return False
    new_questions = len(context.asked_ids)
    follow_ups = max(0, context.budget.asked - new_questions)
    return follow_ups < new_questions
