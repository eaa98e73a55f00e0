"""What travels with an answer."""

from __future__ import annotations

import pytest
from session.domain.context import WINDOW_BYTES, turn_context
from session_helpers.facts import answered, asked, created, introduced, judged, paused, resumed, started
from session_helpers.story import Story, given

begun = (created(target_question_count=3, interview_duration_minutes=20), started(), introduced)


def context(story: Story, turn: int = -1):
    answers = list(story.state.answers.values())
    return turn_context(story.state, answers[turn])


def size(transcript) -> int:
    return sum(len(utterance.text.encode()) for utterance in transcript)


def test_the_transcript_ends_with_the_answer() -> None:
    seen = context(given(*begun, answered("One."), asked(text="Why?"), answered("Two.")))
    assert [(each.role, each.text, each.turn) for each in seen.transcript] == [
        ("interviewer", "Welcome. Who are you?", 0),
        ("candidate", "One.", 0),
        ("interviewer", "Why?", 1),
        ("candidate", "Two.", 1),
    ]
    assert seen.answer == "Two." and seen.question.text == "Why?"


@pytest.mark.parametrize("letter", ["a", "é", "語", "😀"])
def test_the_transcript_is_bounded_in_bytes_and_keeps_the_newest(letter: str) -> None:
    exchange = [fact for number in range(6) for fact in (asked(text=f"Q{number}"), answered(letter * 16_000))]
    seen = context(given(*begun, answered(), *exchange))
    assert size(seen.transcript) <= WINDOW_BYTES
    assert seen.transcript[-1].text == letter * 16_000
    turns = [each.turn for each in seen.transcript]
    assert turns == sorted(turns) and turns[-1] == 6
    assert len(seen.transcript) < 14


def test_the_longest_answer_always_travels() -> None:
    seen = context(given(created(), started(), asked("introduction", "語" * 30_000), answered("😀" * 16_000)))
    assert [each.role for each in seen.transcript] == ["candidate"]


def test_the_budget_tells_what_is_used_up() -> None:
    story = given(*begun, answered(), asked(), answered(), asked("follow_up"), answered())
    budget = context(story).budget
    assert (budget.asked, budget.target, budget.duration, budget.time_based) == (2, 3, 1200, False)
    assert budget.elapsed == 6.0 and not budget.spent


def test_pauses_are_not_part_of_the_elapsed_time() -> None:
    story = given(*begun, paused, resumed(1.0), answered())
    assert context(story).budget.elapsed == 3.0


def test_coverage_counts_questions_and_follow_ups_by_domain() -> None:
    story = given(
        *begun,
        answered(),
        asked(domain="caching"),
        answered(),
        asked("follow_up", domain="caching"),
        answered(),
        asked("clarification", domain="caching"),
        answered(),
        asked(domain="testing"),
        answered(),
    )
    assert context(story).coverage == {"caching": 2, "testing": 1}


def test_questions_of_the_bank_are_named_once() -> None:
    story = given(
        *begun,
        answered(),
        asked(bank_id="b1"),
        answered(),
        asked("follow_up", bank_id="b1"),
        answered(),
        asked(bank_id="b2"),
        answered(),
    )
    assert context(story).asked_ids == ("b1", "b2")


@pytest.mark.parametrize(
    ("kinds", "in_row"),
    [
        (["question"], 0),
        (["question", "follow_up"], 1),
        (["question", "follow_up", "clarification", "follow_up"], 2),
        (["question", "follow_up", "follow_up", "question"], 0),
    ],
)
def test_follow_ups_in_a_row_are_counted_through_clarifications(kinds: list, in_row: int) -> None:
    exchange = [fact for kind in kinds for fact in (answered(), asked(kind))]
    assert context(given(*begun, *exchange, answered())).follow_ups_in_row == in_row


def test_a_clarified_question_says_so() -> None:
    story = given(*begun, answered(), asked(), answered(), asked("clarification"), answered())
    assert context(story).clarified and not context(story, 1).clarified


def test_scores_are_those_of_earlier_answers() -> None:
    story = given(*begun, answered(), asked(), answered(), asked(), judged(0, 0.4), answered(), judged(2, 0.9))
    assert context(story).scores == (0.4, None)
    assert context(story, 0).scores == ()


def test_the_context_is_as_of_the_answer() -> None:
    story = given(*begun, answered("One."), asked(domain="caching"), answered("Two."))
    earlier = context(story, 0)
    assert [each.text for each in earlier.transcript] == ["Welcome. Who are you?", "One."]
    assert earlier.coverage == {} and earlier.budget.asked == 0
