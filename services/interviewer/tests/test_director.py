"""The rules of the conversation: what may come next, whatever an engine would like."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.listening import Remark
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.question import Action, Difficulty, Phase, Question
from contracts.vocabulary.turn import Budget, TurnContext
from hypothesis import given, settings
from hypothesis import strategies as st
from interviewer.director import (
    MAX_FOLLOW_UPS_IN_ROW,
    MAX_REMARKS,
    NotAllowed,
    check,
    guide,
    guide_rephrasing,
    next_difficulty,
    next_phase,
)
from interviewer.engine import Guidance, Proposal
from interviewer.reading import AnswerKind, Reading

ANSWER = Reading("answer")
KINDS = get_args(AnswerKind)
REMARKS = get_args(Remark)
TAKEN_AS_ANSWERS = ("answer", "does_not_know", "repeats_itself")
CLARIFIABLE = tuple(kind for kind in KINDS if kind not in (*TAKEN_AS_ANSWERS, *REMARKS))
STANDING = tuple(kind for kind in REMARKS if kind not in ("told_already", "wants_to_stop"))
WAITING = ("self_harm", "distress", "may_want_to_stop", "needs_pause")
WORTH_MORE_TIME = ("question_back", "unclear", "hardly_heard", "silence", "thinking", "other_language")
LADDER = get_args(Difficulty)


def budget(asked: int = 2, target: int = 10, elapsed: float = 0, duration: float = 600, timed: bool = False) -> Budget:
    return Budget(asked=asked, target=target, elapsed=elapsed, duration=duration, time_based=timed)


def question(kind: Any = "question", phase: Phase = "technical") -> Question:
    return Question(kind=kind, text="How do you test that?", phase=phase, bank_id="backend-a")


def context(**changes: Any) -> TurnContext:
    values: dict[str, Any] = {
        "config": SessionConfig(
            difficulty=changes.pop("difficulty", "medium"),
            target_question_count=min(50, changes["budget"].target if "budget" in changes else 10),
        ),
        "question": question(),
        "answer": "",
        "transcript": (),
        "covered": {"technical": changes.pop("new_questions", 2)},
        "budget": budget(),
    }
    return TurnContext(**values | changes)


def allowed(reading: Reading = ANSWER, **changes: Any) -> frozenset[Action]:
    return guide(context(**changes), reading).allowed


# --- the budget ---


@pytest.mark.parametrize("target", [1, 2, 5, 50])
def test_the_interview_closes_exactly_at_the_target(target: int) -> None:
    assert "conclude" not in allowed(budget=budget(asked=target - 1, target=target))
    guidance = guide(context(budget=budget(asked=target, target=target)), ANSWER)
    assert guidance.allowed == {"conclude"} and guidance.phase == "closing"


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in (*WORTH_MORE_TIME, *STANDING)])
def test_at_the_target_it_closes_whatever_was_said(kind: AnswerKind) -> None:
    assert allowed(Reading(kind), budget=budget(asked=10)) == {"conclude"}


@pytest.mark.parametrize("kind", WORTH_MORE_TIME)
def test_the_last_question_is_not_lost_before_it_was_answered(kind: AnswerKind) -> None:
    assert allowed(Reading(kind), budget=budget(asked=10)) == {"clarify"}
    assert allowed(Reading(kind), budget=budget(asked=10), clarified=True) == {"conclude"}
    assert allowed(Reading(kind), budget=budget(elapsed=600, timed=True)) == {"conclude"}


def test_a_time_based_interview_may_end_early_but_not_before_seven_tenths_of_its_time() -> None:
    early = guide(context(budget=budget(elapsed=0.69 * 600, timed=True)), ANSWER)
    late = guide(context(budget=budget(elapsed=0.71 * 600, timed=True)), ANSWER)
    assert "conclude" not in early.possible and "conclude" in late.possible
    assert "conclude" not in late.allowed, "it takes an engine that wants it"
    with pytest.raises(NotAllowed):
        check(proposal("conclude"), early)
    assert check(proposal("conclude"), late)


def test_a_candidate_who_wants_to_stop_is_let_go() -> None:
    assert allowed(Reading("wants_to_stop")) == allowed(Reading("wants_to_stop"), clarified=True) == {"conclude"}


# --- remarks ---


@pytest.mark.parametrize("kind", STANDING)
@pytest.mark.parametrize("budget_of", [budget(), budget(asked=10), budget(elapsed=600, timed=True)])
def test_the_question_stands_for_a_remark_however_much_is_used_up(kind: AnswerKind, budget_of: Budget) -> None:
    assert allowed(Reading(kind), budget=budget_of) == {"clarify"}
    assert allowed(Reading(kind), budget=budget_of, clarified=True) == {"clarify"}


def test_what_was_told_already_is_not_asked_again() -> None:
    assert "clarify" not in allowed(Reading("told_already"))
    assert "clarify" not in allowed(Reading("corrects_interviewer"), question=question("follow_up"))


def test_remarks_without_end_do_not_keep_an_interview_from_going_on() -> None:
    many: tuple[Remark, ...] = ("asks_salary",) * MAX_REMARKS
    assert allowed(Reading("asks_salary"), remarks=many) == {"new_question"}
    assert allowed(Reading("self_harm"), remarks=many) == {"clarify"}, "somebody in need is always waited for"


@pytest.mark.parametrize("kind", STANDING)
def test_a_remark_at_the_welcome_begins_nothing(kind: AnswerKind) -> None:
    put = Question(kind="introduction", text="Are you ready?", phase="welcome")
    ready = kind in ("goes_on", "corrects_interviewer", "asks_for_hint")  # nothing was asked yet: it is something else
    expected = {"introduce"} if ready else {"clarify"}
    assert guide(context(question=put, answer="yes"), Reading(kind)).allowed == expected


# --- welcome ---


def welcome(answer: str) -> Guidance:
    put = Question(kind="introduction", text="Are you ready?", phase="welcome")
    return guide(context(question=put, answer=answer), Reading("too_short"))


def test_consent_leads_to_the_introduction() -> None:
    assert (welcome("Yes, let's go.").allowed, welcome("Sure").phase) == ({"introduce"}, "intro")


@pytest.mark.parametrize("answer", ["Not ready.", "No", "Wait a minute", "hello"])
def test_without_consent_nothing_begins(answer: str) -> None:
    assert (welcome(answer).allowed, welcome(answer).phase) == ({"clarify"}, "welcome")


def test_the_welcome_waits_as_often_as_it_takes() -> None:
    again = Question(kind="clarification", text="Tell me when you are ready.", phase="welcome")
    guidance = guide(context(question=again, answer="not yet", clarified=True), Reading("too_short"))
    assert guidance.allowed == {"clarify"}


# --- other words ---


def test_other_words_are_about_the_question_that_stands() -> None:
    guidance = guide_rephrasing(context(question=question("follow_up", "behavioral"), clarified=True))
    assert (guidance.allowed, guidance.phase) == ({"rephrase"}, "behavioral")
    assert check(proposal("rephrase"), guidance)


def test_the_count_of_questions_does_not_look_at_the_clock() -> None:
    assert "conclude" not in allowed(budget=budget(elapsed=1e6))


def test_a_time_based_interview_closes_when_the_time_is_up_and_ignores_the_count() -> None:
    assert "conclude" not in allowed(budget=budget(asked=99, target=1, elapsed=599.9, timed=True))
    assert allowed(budget=budget(asked=0, target=50, elapsed=600, timed=True)) == {"conclude"}
    assert allowed(budget=budget(asked=0, target=50, elapsed=4000, timed=True)) == {"conclude"}


# --- follow-ups ---


def test_an_answer_may_be_followed_up() -> None:
    assert allowed() == {"new_question", "follow_up"}


def test_never_more_than_two_follow_ups_in_a_row() -> None:
    assert "follow_up" in allowed(new_questions=8, follow_ups_in_row=MAX_FOLLOW_UPS_IN_ROW - 1)
    assert allowed(new_questions=8, follow_ups_in_row=MAX_FOLLOW_UPS_IN_ROW) == {"new_question"}
    assert MAX_FOLLOW_UPS_IN_ROW == 2


@settings(deadline=None)
@given(new=st.integers(0, 50), follow_ups=st.integers(0, 50))
def test_follow_ups_never_exceed_new_questions(new: int, follow_ups: int) -> None:
    may = "follow_up" in allowed(new_questions=new, budget=budget(asked=new + follow_ups, target=200))
    assert may == (follow_ups + 1 <= new)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "answer"])
def test_only_an_answer_is_followed_up(kind: AnswerKind) -> None:
    assert "follow_up" not in allowed(Reading(kind))
    assert "follow_up" not in allowed(Reading(kind), clarified=True)


@pytest.mark.parametrize("kind", ["introduction", "clarification"])
def test_an_introduction_is_followed_up_once_where_there_is_room(kind: str) -> None:
    standing = {"question": question(kind, "intro"), "clarified": kind == "clarification", "new_questions": 0}
    assert "follow_up" in allowed(**standing, budget=budget(asked=0, target=6))
    assert "follow_up" not in allowed(**standing, budget=budget(asked=0, target=3))
    again = standing | {"question": question("follow_up", "intro"), "clarified": False}
    assert "follow_up" not in allowed(**again, follow_ups_in_row=1, budget=budget(asked=1, target=6))


# --- clarifications ---


@pytest.mark.parametrize("kind", CLARIFIABLE)
@pytest.mark.parametrize("standing", ["introduction", "question", "follow_up"])
def test_what_was_not_understood_is_clarified(kind: AnswerKind, standing: str) -> None:
    guidance = guide(context(question=question(standing, "behavioral")), Reading(kind))
    assert guidance.allowed == {"clarify"} and guidance.phase == "behavioral"
    assert guidance.reason == Reading(kind).reason


@pytest.mark.parametrize("kind", CLARIFIABLE)
def test_a_question_is_clarified_at_most_once(kind: AnswerKind) -> None:
    assert allowed(Reading(kind), question=question("clarification"), clarified=True) == {"new_question"}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in (*WAITING, "wants_to_stop")])
def test_after_a_notice_a_new_question_comes_whatever_was_said(kind: AnswerKind) -> None:
    assert allowed(Reading(kind), question=question("notice")) == {"new_question"}


def test_not_knowing_leads_to_a_new_question() -> None:
    assert allowed(Reading("does_not_know")) == {"new_question"}


def test_an_engine_may_see_that_an_answer_needs_clarifying_where_the_rules_do_not() -> None:
    assert "clarify" in guide(context(), ANSWER).possible
    assert "clarify" not in guide(context(clarified=True), ANSWER).possible


# --- phases ---


@pytest.mark.parametrize(
    ("target", "behavioral"), [(1, 0), (2, 1), (3, 1), (4, 1), (5, 2), (7, 2), (10, 3), (20, 6), (50, 15)]
)
def test_the_last_third_of_the_questions_is_behavioral(target: int, behavioral: int) -> None:
    phases = [next_phase(context(budget=budget(asked=asked, target=target))) for asked in range(target)]
    assert phases == ["technical"] * (target - behavioral) + ["behavioral"] * behavioral


@pytest.mark.parametrize(("elapsed", "phase"), [(0, "technical"), (419, "technical"), (421, "behavioral")])
def test_a_time_based_interview_changes_phase_by_its_clock(elapsed: float, phase: Phase) -> None:
    assert next_phase(context(budget=budget(asked=49, target=50, elapsed=elapsed, timed=True))) == phase


# --- difficulty ---


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ((), "medium"),
        ((0.9,), "medium"),  # one good answer is not a trend
        ((0.9, 0.9), "hard"),
        ((0.9, None, 0.9, None), "hard"),  # what was not judged says nothing
        ((0.1, 0.9, 0.1, 0.9), "medium"),
        ((0.9, 0.9, 0.5, 0.5), "hard"),  # it stays until there is a reason to change it
        ((0.9, 0.9, 0.1, 0.1), "medium"),
        ((0.8, 0.8), "medium"),
        ((0.2,), "medium"),
        ((0.9, 0.1, 0.1), "easy"),
        ((None, None, None), "medium"),
    ],
)
def test_difficulty_follows_two_strong_or_two_weak_answers(scores: tuple[float | None, ...], expected: str) -> None:
    assert next_difficulty(context(scores=scores), ANSWER) == expected


def test_a_terse_answer_makes_nothing_easier() -> None:
    terse = Reading("answer", "Checked twice.", "weak")
    assert next_difficulty(context(scores=(None, 0.2)), terse) == "medium"
    assert next_difficulty(context(difficulty="hard"), Reading("too_short")) == "hard"


def test_not_knowing_makes_the_next_question_easier() -> None:
    assert next_difficulty(context(scores=(0.9, 0.9)), Reading("does_not_know")) == "medium"
    assert next_difficulty(context(), Reading("does_not_know")) == "easy"
    assert next_difficulty(context(difficulty="hard"), Reading("does_not_know")) == "medium"


@settings(deadline=None)
@given(
    difficulty=st.sampled_from(LADDER),
    scores=st.lists(st.none() | st.floats(0, 1), max_size=6),
    kind=st.sampled_from(KINDS),
)
def test_difficulty_moves_one_step_at_most_and_stays_in_bounds(
    difficulty: Difficulty, scores: list[float | None], kind: AnswerKind
) -> None:
    found = next_difficulty(context(difficulty=difficulty, scores=tuple(scores)), Reading(kind))
    assert abs(LADDER.index(found) - LADDER.index(difficulty)) <= 1


# --- what an engine proposes ---

SAID_AS = {
    "introduce": "introduction",
    "new_question": "question",
    "follow_up": "follow_up",
    "clarify": "clarification",
    "rephrase": "clarification",
    "conclude": "closing",
}


def proposal(action: Action, kind: str | None = None, *, exhausted: bool = False) -> Proposal:
    said = question(kind or SAID_AS.get(action, "question"))
    return Proposal(action, said, "", Provenance(engine="scripted"), exhausted=exhausted)


def guidance(*actions: Action) -> Guidance:
    return Guidance(frozenset(actions), "technical", "medium", ANSWER)


@pytest.mark.parametrize("action", SAID_AS)
def test_what_is_allowed_passes(action: Action) -> None:
    wanted = proposal(action)
    assert check(wanted, guidance(action)) is wanted


@pytest.mark.parametrize("action", get_args(Action))
@pytest.mark.parametrize("other", SAID_AS)
def test_what_is_not_allowed_is_refused(action: Action, other: Action) -> None:
    if action != other:
        with pytest.raises(NotAllowed):
            check(proposal(action), guidance(other))


@pytest.mark.parametrize("kind", ["closing", "notice", "introduction", "follow_up", "clarification"])
def test_an_action_is_no_cover_for_another_kind_of_message(kind: str) -> None:
    with pytest.raises(NotAllowed):
        check(proposal("new_question", kind), guidance("new_question", "follow_up"))


def test_an_engine_closes_early_only_when_it_has_nothing_left_to_ask() -> None:
    closing = proposal("conclude", exhausted=True)
    assert check(closing, guidance("new_question", "follow_up")) is closing
    with pytest.raises(NotAllowed):
        check(proposal("conclude"), guidance("new_question", "follow_up"))
    with pytest.raises(NotAllowed):
        check(closing, guidance("clarify"))
    with pytest.raises(NotAllowed):
        check(proposal("conclude", "question", exhausted=True), guidance("new_question"))
