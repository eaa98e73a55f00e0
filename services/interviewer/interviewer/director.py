"""The rules of the conversation. An engine proposes what to say; budgets, phases and counts are decided here."""

from __future__ import annotations

from contracts.vocabulary.question import Action, Difficulty, Phase, Plan, QuestionKind
from contracts.vocabulary.turn import TurnContext
from parley_listening.heard import PAUSING

from interviewer.conduct import consents
from interviewer.documents import documents_of
from interviewer.engine import Guidance, Proposal
from interviewer.languages import language
from interviewer.planning import make_plan, next_domain, phase_of, planned_total
from interviewer.reading import AnswerKind, Reading

MAX_FOLLOW_UPS_IN_ROW = 2
MAY_END_FROM = 0.7
"""The share of its time that a time-based interview lasts at least, unless the candidate ends it."""
_LADDER: tuple[Difficulty, ...] = ("easy", "medium", "hard")
_STEP_UP, _STEP_DOWN = 0.8, 0.35
"""Mean of the last two answers above, or below, which the next question is harder, or easier."""
_IMPRESSION = {"strong": 0.9, "weak": 0.2}
"""What a first impression counts as, until the coach has judged."""
_ANSWERABLE = frozenset({"introduction", "question", "follow_up", "clarification"})
_SMALL_TALK: frozenset[Phase] = frozenset({"welcome", "intro"})
_TAKEN_AS_ANSWERS: frozenset[AnswerKind] = frozenset({"answer", "does_not_know", "repeats_itself", "told_already"})
_WORTH_MORE_TIME: frozenset[AnswerKind] = frozenset(
    {"question_back", "unclear", "hardly_heard", "silence", "thinking", "other_language"}
)
"""What even the last question is not lost for: the candidate has not answered it yet."""
MAX_REMARKS = 3
"""So often the question stands for a remark of the same kind; after that only where the interview has to wait."""
SAID_AS: dict[Action, QuestionKind] = {
    "introduce": "introduction",
    "new_question": "question",
    "follow_up": "follow_up",
    "clarify": "clarification",
    "rephrase": "clarification",
    "conclude": "closing",
}
REPHRASE = Reading("question_back")


class NotAllowed(Exception):
    """An engine proposed what the rules of the interview do not allow."""


def guide(context: TurnContext, reading: Reading) -> Guidance:
    """What may come next, after an answer that reads like this."""
    difficulty = next_difficulty(context, reading)
    if context.question.phase == "welcome":
        return _after_the_welcome(context, reading, difficulty)
    if reading.kind == "wants_to_stop":
        return Guidance(frozenset({"conclude"}), "closing", difficulty, reading)
    if _stands_for_a_remark(context, reading) or _must_clarify(context, reading):
        return Guidance(frozenset({"clarify"}), context.question.phase, difficulty, reading)
    if context.budget.spent:
        return Guidance(
            frozenset({"conclude"}), "closing", difficulty, reading, "The budget of the interview is used up."
        )
    return _going_on(context, reading, difficulty)


def guide_rephrasing(context: TurnContext) -> Guidance:
    """What is allowed when the candidate wants the question that stands in other words."""
    difficulty = context.question.difficulty or context.config.difficulty
    reason = "The candidate asked for other words."
    return Guidance(frozenset({"rephrase"}), context.question.phase, difficulty, REPHRASE, reason)


def check(proposal: Proposal, guidance: Guidance) -> Proposal:
    """The proposal, if the rules allow it. Raises NotAllowed.

    An engine that has nothing left to ask may close where a new question was due. The kind of question counts as
    well: it is what ends an interview, whatever the action is called.
    """
    closes_early = proposal.exhausted and proposal.action == "conclude"
    action: Action = "new_question" if closes_early else proposal.action
    check_action(action, guidance)
    if proposal.question.kind != SAID_AS[proposal.action]:
        raise NotAllowed(proposal.action)
    return proposal


def check_action(action: Action, guidance: Guidance) -> None:
    """Raises NotAllowed for an action that the rules do not allow."""
    if action not in guidance.allowed | guidance.possible:
        raise NotAllowed(action)


def plan_of(context: TurnContext) -> Plan:
    """The plan of the interview; one made on the spot for an interview that began without."""
    return context.plan or make_plan(context.config, ())


def next_phase(context: TurnContext) -> Phase:
    """The phase that a new question would belong to."""
    return phase_of(plan_of(context), used_share(context))


def used_share(context: TurnContext) -> float:
    """How much of the budget is used up, 0 to 1 and beyond."""
    budget = context.budget
    return budget.elapsed / budget.duration if budget.time_based else budget.asked / max(budget.target, 1)


def next_difficulty(context: TurnContext, reading: Reading) -> Difficulty:
    """The difficulty of a new question: it follows how the last answers went.

    The scores are those up to the answer before; of this one there is only the first impression.
    """
    step = _LADDER.index(context.config.difficulty)
    known = [score for score in context.scores if score is not None]
    if reading.strength is not None:
        known.append(_IMPRESSION[reading.strength])
    last = known[-2:]
    mean = sum(last) / len(last) if last else None
    if reading.kind == "does_not_know" or (mean is not None and mean < _STEP_DOWN):
        step -= 1
    elif mean is not None and len(last) == 2 and mean > _STEP_UP:
        step += 1
    return _LADDER[min(max(step, 0), len(_LADDER) - 1)]


def _after_the_welcome(context: TurnContext, reading: Reading, difficulty: Difficulty) -> Guidance:
    """The interview begins when the candidate says so, and waits until then."""
    if reading.kind == "wants_to_stop":
        return Guidance(frozenset({"conclude"}), "closing", difficulty, reading)
    if reading.remark and reading.kind != "goes_on":
        return Guidance(frozenset({"clarify"}), "welcome", difficulty, reading)
    if reading.kind == "goes_on" or consents(context.answer, language(context.config.language)):
        return Guidance(frozenset({"introduce"}), "intro", difficulty, reading, "The candidate is ready.")
    return Guidance(frozenset({"clarify"}), "welcome", difficulty, reading, "The candidate is not ready yet.")


def _stands_for_a_remark(context: TurnContext, reading: Reading) -> bool:
    """Whether what was said is no answer, and the question stands; also when the budget is spent."""
    if reading.remark is None or reading.kind == "told_already":
        return False
    if reading.kind == "corrects_interviewer" and context.question.kind == "follow_up":
        return False  # it asked about what was never said
    answerable = context.question.kind in _ANSWERABLE
    return reading.kind in PAUSING or (answerable and context.remarks.count(reading.remark) < MAX_REMARKS)


def _must_clarify(context: TurnContext, reading: Reading) -> bool:
    taken = reading.kind in _TAKEN_AS_ANSWERS or reading.remark is not None
    if context.question.kind not in _ANSWERABLE or context.clarified or taken:
        return False
    if not context.budget.spent:
        return True
    return not context.budget.time_based and reading.kind in _WORTH_MORE_TIME


def _going_on(context: TurnContext, reading: Reading, difficulty: Difficulty) -> Guidance:
    allowed: set[Action] = {"new_question"}
    possible: set[Action] = set()
    phase = next_phase(context)
    standing = context.question.kind in _ANSWERABLE
    if standing and reading.kind == "answer":
        if _may_follow_up(context) and not _moves_on(context, phase):
            allowed.add("follow_up")
        if not context.clarified:
            possible.add("clarify")
    if context.budget.time_based and used_share(context) >= MAY_END_FROM:
        possible.add("conclude")
    return Guidance(
        frozenset(allowed),
        phase,
        difficulty,
        reading,
        possible=frozenset(possible),
        domain=next_domain(context, phase),
    )


def _moves_on(context: TurnContext, phase: Phase) -> bool:
    """Whether the plan has come to another phase: a follow-up could take the only place that it has."""
    planned = {each.phase for each in plan_of(context).domains}
    return phase != context.question.phase and {phase, context.question.phase} <= planned


def _may_follow_up(context: TurnContext) -> bool:
    """At most two in a row, never on small talk, and new questions keep at least half of the budget; in an interview
    about uploaded documents three fifths, for it is the new questions that cite them."""
    # A clarified introduction is a clarification by its kind, and small talk still by its phase.
    small_talk = context.question.kind == "introduction" or context.question.phase in _SMALL_TALK
    if small_talk or context.follow_ups_in_row >= MAX_FOLLOW_UPS_IN_ROW:
        return False
    new_questions = sum(context.covered.values())
    follow_ups = max(0, context.budget.asked - new_questions)
    if documents_of(context.config):
        all_in_all = max(planned_total(context.config), context.budget.asked)
        new_questions = min(new_questions, all_in_all * 2 // 5)
    return follow_ups < new_questions
