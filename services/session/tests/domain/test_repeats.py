"""The same words again, without a key: when they are the same answer, and when another one."""

from __future__ import annotations

from functools import partial

import pytest
from contracts.session.events import AnswerRecorded, AnswerRepeated, Completed, QuestionAsked, Refused
from contracts.words import count_words
from session_helpers.facts import asked, created, introduced, started
from session_helpers.intents import (
    corrects,
    ends,
    goes_on,
    pauses,
    replies,
    resets,
    starts,
    the_reply_is_given_up,
)
from session_helpers.intents import says as says_with_a_key
from session_helpers.story import Story, a, given

says = partial(says_with_a_key, keyed=False)
LONG = "I built a parser for log files."
begun = (created(), started(), introduced)


def repeat_of(story: Story, turn: int = 0) -> object:
    """A repeat of the first request that said something to a turn."""
    first = next(each for each in story.all(AnswerRecorded) if each.data.turn == turn)
    return a(AnswerRepeated, turn=turn, request_id=first.correlation_id, request_hash="h")


@pytest.mark.parametrize("seconds", [0.1, 40])
def test_the_same_words_while_their_reply_is_due_are_the_same_answer(seconds) -> None:
    story = given(*begun).when(says("Yes."))
    story.when(says("Yes."), after=seconds).then(repeat_of(story))
    assert len(story.state.answers) == 1 and story.state.pending_answer.revision == 1


def test_other_words_while_a_reply_is_due_are_refused() -> None:
    given(*begun).when(says("Yes.")).when(says("No.")).then(a(Refused, reason="reply_pending"))


def test_a_double_click_is_the_same_answer_though_the_reply_came_in_between() -> None:
    story = given(*begun).when(says("Yes.")).when(replies(), after=0.1)
    story.when(says("Yes."), after=1.5).then(repeat_of(story))
    assert story.state.current.turn == 1 and story.state.questions_asked == 1


def test_two_short_answers_with_a_reply_between_them_stay_two() -> None:
    story = given(*begun).when(says("Yes.")).when(replies())
    story.when(says("Yes."), after=3).then(a(AnswerRecorded, turn=1, text="Yes."))


def test_many_words_are_the_same_answer_for_a_minute() -> None:
    story = given(*begun).when(says(LONG)).when(replies())
    story.when(says(LONG), after=50).then(repeat_of(story))
    story.when(says(LONG), after=10).then(a(AnswerRecorded, turn=1, text=LONG))


def test_a_repeat_is_counted_from_the_first_and_not_from_another_repeat() -> None:
    story = given(*begun).when(says(LONG)).when(replies())
    for _ in range(3):
        story.when(says(LONG), after=19).then(repeat_of(story))
    story.when(says(LONG), after=19).then(AnswerRecorded)


def test_spaces_around_the_words_do_not_matter() -> None:
    story = given(*begun).when(says(LONG)).when(replies())
    story.when(says(f"  {LONG}\n")).then(repeat_of(story))


def test_a_repeat_may_name_the_current_question_now_or_none() -> None:
    story = given(*begun).when(says(LONG)).when(replies())
    story.when(says(LONG, to=lambda _: None)).then(repeat_of(story))
    story.when(says(LONG, to=lambda story: story.state.asked[0].id)).then(repeat_of(story))


def test_a_repeat_of_what_the_closing_replied_to_is_no_refusal() -> None:
    story = given(*begun).when(says(LONG)).when(replies("closing")).then(QuestionAsked, Completed)
    story.when(says(LONG), after=20).then(repeat_of(story))
    story.when(says(LONG), after=60).then(a(Refused, reason="ended"))


def test_a_repeat_of_what_the_end_cut_off_is_a_repeat() -> None:
    story = given(*begun).when(says(LONG)).when(ends())
    story.when(says(LONG)).then(repeat_of(story))


def test_a_repeat_in_a_pause_is_a_repeat() -> None:
    story = given(*begun).when(says(LONG)).when(replies()).when(pauses)
    story.when(says(LONG)).then(repeat_of(story))


def test_what_was_said_before_something_else_is_no_repeat() -> None:
    story = given(*begun).when(says(LONG), after=0.1).when(replies(), after=0.1)
    story.when(says("And then I rewrote it in Rust."), after=0.1).when(replies(), after=0.1)
    story.when(says(LONG), after=0.1).then(a(AnswerRecorded, turn=2))


def test_what_was_corrected_in_between_is_no_repeat() -> None:
    story = given(*begun).when(says(LONG)).when(replies()).when(corrects(0, "I built a compiler for log files."))
    story.when(says(LONG)).then(a(AnswerRecorded, turn=1))


def test_what_was_said_before_a_reset_is_no_repeat() -> None:
    story = given(*begun).when(says(LONG)).when(resets).when(starts()).when(replies("introduction"))
    story.when(says(LONG)).then(a(AnswerRecorded, turn=0))


def test_words_under_another_key_are_another_answer() -> None:
    story = given(*begun).when(says(LONG)).when(replies())
    story.when(says_with_a_key(LONG)).then(a(AnswerRecorded, turn=1))


def test_words_without_a_key_may_repeat_words_with_one() -> None:
    story = given(*begun).when(says_with_a_key(LONG)).when(replies())
    story.when(says(LONG)).then(repeat_of(story))


def test_a_notice_may_be_answered_with_the_same_words() -> None:
    story = given(*begun).when(says(LONG)).when(the_reply_is_given_up, after=45)
    story.when(says(LONG), after=5).then(a(AnswerRecorded, turn=1, text=LONG))


def test_a_final_that_is_sent_again_is_not_added_to_the_answer() -> None:
    story = given(*begun).when(goes_on(LONG, keyed=False))
    story.when(goes_on(LONG, keyed=False), after=9).then(repeat_of(story))
    assert story.state.pending_answer.text == LONG


def test_a_final_that_went_on_is_told_from_a_repeat_by_its_own_words() -> None:
    story = given(*begun).when(goes_on(LONG, keyed=False)).when(goes_on("It was fast.", keyed=False))
    first = story.all(AnswerRecorded)[1].correlation_id
    story.when(goes_on("It was fast.", keyed=False)).then(a(AnswerRepeated, turn=0, request_id=first))
    assert story.state.pending_answer.text == f"{LONG} It was fast."


def test_a_repeat_changes_nothing_but_the_version() -> None:
    story = given(*begun, asked()).when(says(LONG))
    before = story.state
    story.when(says(LONG)).then(AnswerRepeated)
    assert (story.state.answers, story.state.last_answer, story.state.active_at) == (
        before.answers,
        before.last_answer,
        before.active_at,
    )
    assert story.state.version == before.version + 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("— … !", 0),
        ("Yes.", 1),
        ("I built a parser.", 4),
        ("I can't say — sorry.", 4),
        ("Ich habe einen Parser gebaut.", 5),
        ("मैंने एक पार्सर बनाया था", 5),
        ("저는 파서를 만들었습니다", 3),
        ("是的", 1),
        ("我用三个月写了一个解析器", 6),
        ("我写了一个 parser", 3),
        ("はい、そうです", 3),
    ],
)
def test_words_are_counted_in_any_script(text, words) -> None:
    assert count_words(text) == words
