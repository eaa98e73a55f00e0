"""The rules of the conversation. An engine proposes what to say; budgets, phases and counts are decided here."""

from __future__ import annotations

import math

from contracts.vocabulary.question import Action, Difficulty, Phase, Plan, QuestionKind
from contracts.vocabulary.turn import TurnContext
from parley_listening.heard import PAUSING

from interviewer.conduct import consents, count, says_no
from interviewer.documents import documents_of
from interviewer.engine import Guidance, Proposal
from interviewer.languages import language
from interviewer.planning import make_plan, next_domain, phase_of, planned_total
from interviewer.reading import ASKING, AnswerKind, Reading

MAX_FOLLOW_UPS_IN_ROW = 2
MAY_END_FROM = 0.7
"""The share of its time that a time-based interview lasts at least, unless the candidate ends it."""
_MIN_FOR_SMALL_TALK = 4
"""From so many questions on, one may be spent on what the introduction said."""
_LADDER: tuple[Difficulty, ...] = ("easy", "medium", "hard")
_STRONG, _WEAK = 0.8, 0.35
"""Scores above, or below, which an answer counts as strong, or weak."""
_IN_A_ROW = 2
"""So many strong answers make the next question harder, and so many weak ones make it easier."""
_ANSWERABLE = frozenset({"introduction", "question", "follow_up", "clarification"})
_SMALL_TALK: frozenset[Phase] = frozenset({"welcome", "intro"})
_TAKEN_AS_ANSWERS: frozenset[AnswerKind] = frozenset({"answer", "does_not_know", "repeats_itself", "told_already"})
_WORTH_MORE_TIME: frozenset[AnswerKind] = frozenset(
    {"question_back", "unclear", "hardly_heard", "silence", "thinking", "other_language"}
)
"""What even the last question is not lost for: the candidate has not answered it yet."""
MAX_REMARKS = 3
"""So often the question stands for a remark of the same kind; after that only where the interview has to wait."""
_OF_WHAT_WAS_ASKED = frozenset({"told_already", "corrects_interviewer", "asks_for_hint"})
"""Before the first question they mean nothing: whatever reads like one of them is something else."""
MAX_CANDIDATE_QUESTIONS = 3
"""So often a candidate is answered before the end."""
_A_YES = 5
"""Words up to which "yes" is all that was said."""
LAST_PART = 0.9
"""The share of its time after which it is the candidate who asks, in a time-based interview."""
_IN_NEED = frozenset({"accommodation", "protected_matter", "is_it_a_person", "asks_for_language", "goes_on"})
"""What is met before the end as anywhere else, beside what makes the interview wait."""
_SAYS_NOTHING_YET: frozenset[AnswerKind] = frozenset(
    {"thinking", "silence", "hardly_heard", "unclear", "question_back"}
)
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
    if context.question.phase == "closing":
        return _after_the_invitation(context, reading, difficulty)
    if _stands_for_a_remark(context, reading) or _must_clarify(context, reading):
        return Guidance(frozenset({"clarify"}), context.question.phase, difficulty, reading)
    if may_invite(context) and (context.budget.spent or _in_its_last_part(context)):
        return invitation(difficulty, reading)
    if context.budget.spent:
        return Guidance(
            frozenset({"conclude"}), "closing", difficulty, reading, "The budget of the interview is used up."
        )
    return _going_on(context, reading, difficulty)


def may_invite(context: TurnContext) -> bool:
    """Whether the candidate is still to be asked for questions; not once the time is up."""
    wanted = context.config.candidate_questions and context.question.phase != "closing"
    return wanted and not (context.budget.time_based and context.budget.spent)


def invitation(difficulty: Difficulty, reading: Reading) -> Guidance:
    """It is the candidate's turn to ask."""
    because = "Before the end the candidate may ask questions."
    return Guidance(frozenset({"new_question"}), "closing", difficulty, reading, because)


def _in_its_last_part(context: TurnContext) -> bool:
    return context.budget.time_based and used_share(context) >= LAST_PART


def asks_us(reading: Reading) -> bool:
    """Whether the candidate asked about the job, the employer or what comes next."""
    return reading.kind in ASKING


def _after_the_invitation(context: TurnContext, reading: Reading, difficulty: Difficulty) -> Guidance:
    """Questions are answered, up to so many; whatever is none ends the interview, but for what comes before manners."""
    stands = Guidance(frozenset({"clarify"}), "closing", difficulty, reading)
    ends = Guidance(frozenset({"conclude"}), "closing", difficulty, reading)
    if asks_us(reading):
        answered = sum(each in ASKING for each in context.remarks)
        return stands if answered + 1 < MAX_CANDIDATE_QUESTIONS else ends
    if reading.remark is not None:
        in_need = reading.remark in _IN_NEED and context.remarks.count(reading.remark) < MAX_REMARKS
        waits = reading.kind in PAUSING and reading.kind != "may_want_to_stop"  # who would rather stop has no question
        return stands if waits or in_need else ends
    says_nothing_yet = reading.kind in _SAYS_NOTHING_YET or wants_to_ask(context)
    waits_for_it = reading.kind == "thinking" or not context.clarified
    return stands if says_nothing_yet and waits_for_it else ends


def wants_to_ask(context: TurnContext) -> bool:
    """Whether somebody who was invited to ask said that they would, and no more."""
    spoken = language(context.config.language)
    few = count(context.answer) <= _A_YES
    return few and bool(consents(context.answer, spoken)) and not says_no(context.answer, spoken)


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
    """The phase that a new question would belong to: the one whose turn it is, or one that would else be left out."""
    to_come = _phases_to_come(context)
    if to_come and _places_left(context) <= len(to_come):
        return to_come[0]
    return phase_of(plan_of(context), used_share(context))


def used_share(context: TurnContext) -> float:
    """How much of the budget is used up, 0 to 1 and beyond."""
    budget = context.budget
    return budget.elapsed / budget.duration if budget.time_based else budget.asked / max(budget.target, 1)


def next_difficulty(context: TurnContext, reading: Reading) -> Difficulty:
    """The difficulty of a new question: it follows what the last answers were judged to be, a step at a time, and
    stays where it is in between. What was not judged says nothing, and neither does the length of an answer: only
    two weak answers, or one that says that it is not known, make it easier.
    """
    step, row = _LADDER.index(context.config.difficulty), 0
    for score in context.scores:
        if score is None:
            continue
        sign = (score > _STRONG) - (score < _WEAK)
        row = row + sign if sign and row * sign >= 0 else sign
        if abs(row) == _IN_A_ROW:
            step, row = _within(step + sign, context), 0
    if reading.kind == "does_not_know":
        step = _within(step - 1, context)
    return _LADDER[step]


def _within(step: int, context: TurnContext) -> int:
    """A step on the ladder, and never more than one from what was chosen."""
    chosen = _LADDER.index(context.config.difficulty)
    return min(max(step, chosen - 1, 0), chosen + 1, len(_LADDER) - 1)


def _after_the_welcome(context: TurnContext, reading: Reading, difficulty: Difficulty) -> Guidance:
    """The interview begins when the candidate says so, and waits until then."""
    if reading.kind == "wants_to_stop":
        return Guidance(frozenset({"conclude"}), "closing", difficulty, reading)
    if reading.remark and reading.kind != "goes_on" and reading.kind not in _OF_WHAT_WAS_ASKED:
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
        if _may_follow_up(context):
            allowed.add("follow_up")
        if not context.clarified:
            possible.add("clarify")
    if context.budget.time_based and used_share(context) >= MAY_END_FROM and not may_invite(context):
        possible.add("conclude")
    return Guidance(
        frozenset(allowed),
        phase,
        difficulty,
        reading,
        possible=frozenset(possible),
        domain=next_domain(context, phase),
    )


def _may_follow_up(context: TurnContext) -> bool:
    """At most two in a row, one after the introduction, and new questions keep at least half of the budget; in an
    interview about uploaded documents three fifths, for it is the new questions that cite them. No phase loses the
    only question that it has, and questions of one's own follow the introduction at once."""
    if context.follow_ups_in_row >= MAX_FOLLOW_UPS_IN_ROW or _places_left(context) <= len(_phases_to_come(context)):
        return False
    new_questions = sum(context.covered.values())
    follow_ups = max(0, context.budget.asked - new_questions)
    # A clarified introduction is a clarification by its kind, and small talk still by its phase.
    if context.question.phase in _SMALL_TALK:
        enough = planned_total(context.config) >= _MIN_FOR_SMALL_TALK and not context.config.questions
        return follow_ups == 0 and enough
    if documents_of(context.config):
        all_in_all = max(planned_total(context.config), context.budget.asked)
        new_questions = min(new_questions, all_in_all * 2 // 5)
    return follow_ups < new_questions


def _places_left(context: TurnContext) -> float:
    """How many more questions there is room for."""
    budget = context.budget
    return math.inf if budget.time_based else budget.target - budget.asked


def _phases_to_come(context: TurnContext) -> list[Phase]:
    """The phases of the plan that nothing was asked in yet, in order."""
    planned = dict.fromkeys(each.phase for each in plan_of(context).domains)
    return [phase for phase in planned if not context.covered.get(phase)]
