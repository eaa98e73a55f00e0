"""Better answers score higher, for reasons that the criteria show."""

from __future__ import annotations

from statistics import fmean

import pytest
from coach.rubric import CRITERIA, WEIGHTS
from coach_cases import (
    ANSWERS,
    DEADLINE,
    EVERY_ANSWER,
    INTRODUCTION,
    LEVELS,
    PAYMENT,
    QUESTIONS,
    judge,
    question,
    score,
)
from contracts.vocabulary.judgement import TOP_LEVEL, Feedback


@pytest.mark.parametrize("name", QUESTIONS)
def test_strong_beats_weak(name: str) -> None:
    assert score(name, ANSWERS[name]["strong"]) > score(name, ANSWERS[name]["weak"]) + 0.1


def test_on_average_strong_beats_average_beats_weak() -> None:
    strong, average, weak = (fmean(score(name, ANSWERS[name][level]) for name in QUESTIONS) for level in LEVELS)
    assert strong > average + 0.1 and average > weak + 0.05
    assert strong >= 0.65 and weak <= 0.5


@pytest.mark.parametrize(("name", "level"), EVERY_ANSWER)
def test_each_criterion_is_one_of_five_levels(name: str, level: str) -> None:
    criteria = judge(name, ANSWERS[name][level]).criteria
    values = [getattr(criteria, each) for each in CRITERIA]
    assert all(value is None or value * TOP_LEVEL == int(value * TOP_LEVEL) for value in values)


def test_weights_are_shares_of_a_hundred() -> None:
    assert all(sum(weights.values()) == 100 and set(weights) == set(CRITERIA) for weights in WEIGHTS.values())


def test_technical_answers_are_weighed_by_depth_and_stories_by_structure_and_evidence() -> None:
    assert max(WEIGHTS["technical"], key=lambda each: WEIGHTS["technical"][each]) == "depth"
    story = sorted(WEIGHTS["behavioral"], key=lambda each: WEIGHTS["behavioral"][each])
    assert set(story[-2:]) == {"structure", "evidence"}


@pytest.mark.parametrize(("name", "level"), EVERY_ANSWER)
def test_a_judged_answer_has_all_its_fields(name: str, level: str) -> None:
    feedback = judge(name, ANSWERS[name][level])
    assert feedback.judged and feedback.evidence == "sufficient"
    assert_numbers(feedback)
    assert 2 <= count_sentences(feedback.text) <= 6
    assert feedback.provenance.engine == "scripted" and not feedback.provenance.degraded


def assert_numbers(feedback: Feedback) -> None:
    assert feedback.technical_accuracy is None, "no rule can tell what is right"
    assert feedback.clarity is None and feedback.criteria.clarity is None, "nor how clear a language is"
    assert feedback.interval and feedback.score and feedback.interval.low <= feedback.score <= feedback.interval.high
    numbers = (feedback.score, feedback.completeness)
    assert all(number is not None and 0 <= number <= 1 for number in numbers)


def count_sentences(text: str) -> int:
    return sum(text.count(end) for end in (". ", "? ", "! ", "” ")) + 1


def test_no_two_answers_get_the_same_text() -> None:
    texts = [judge(name, ANSWERS[name][level]).text for name, level in EVERY_ANSWER]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(("name", "level"), EVERY_ANSWER)
def test_the_same_input_gives_the_same_feedback(name: str, level: str) -> None:
    assert judge(name, ANSWERS[name][level]) == judge(name, ANSWERS[name][level])


def test_weak_answers_are_told_which_points_were_missing() -> None:
    """Unless something in them comes near to every point: then the coach cannot tell, and does not say."""
    told = 0
    for name in QUESTIONS:
        improvements = " ".join(judge(name, ANSWERS[name]["weak"]).improvements)
        points = [each.point.split(" ", 1)[1].rstrip(".") for each in question(name).expects]
        told += any(point in improvements for point in points)
    assert told >= 0.9 * len(QUESTIONS)


def test_a_strong_answer_is_told_its_strengths_in_its_own_words() -> None:
    answer = ANSWERS[PAYMENT]["strong"]
    strengths = judge(PAYMENT, answer).strengths
    assert len(strengths) == 3
    assert all(each.split("“", 1)[1].rstrip("”.… ").rstrip() in " ".join(answer.split()) for each in strengths)


def test_a_story_without_its_end_is_told_to_add_one() -> None:
    begun = "I called the client two weeks before and told him that the kitchen would be late."
    ended = f"{begun} In the end they got it a week later, and since then they have ordered twice more."
    assert any("Say how it ended" in each for each in judge(DEADLINE, begun).improvements)
    assert not any("Say how it ended" in each for each in judge(DEADLINE, ended).improvements)


def test_a_figure_is_asked_for_only_where_there_is_none() -> None:
    plain = "Last spring the oven broke, so I rang the neighbour, baked there at night, and every order went out."
    figures = (
        "Last spring the oven broke, so I rang the neighbour, baked there for 3 nights, and all 40 orders went out."
    )
    assert any("figure" in each for each in judge(DEADLINE, plain).improvements)
    assert not any("figure" in each for each in judge(DEADLINE, figures).improvements)


def test_what_says_nothing_is_asked_for_a_case() -> None:
    answer = "I always stay positive and keep everybody informed. Good planning and teamwork are the key to success."
    assert any("one real occasion" in each for each in judge(DEADLINE, answer).improvements)


def test_an_introduction_is_judged_by_who_what_and_why() -> None:
    strong = (
        "I am a backend engineer with six years of experience, currently at a payment company. I built a "
        "ledger service in Python and Postgres, and I reduced failed payouts by 40 percent last year. I look "
        "for this role because I want to work on reliability for larger systems."
    )
    weak = "I am a hard working person and I like computers since I was a child. I also like football and music."
    assert score(INTRODUCTION, strong) > score(INTRODUCTION, weak) + 0.05


def test_a_follow_up_without_expectations_is_judged_by_the_question_and_specifics() -> None:
    asked = question(PAYMENT, kind="follow_up", text="How long would you keep the stored keys?", expects=())
    strong = (
        "I would keep the keys for 24 hours, because clients retry within minutes and the table stays small. "
        "However, for bank transfers I would keep the stored keys for 7 days, since they settle later. "
        "At my last company Redis expired the keys by itself, which cut the table to 2 GB."
    )
    weak = "I would keep them as long as it makes sense for the business and the users of it."
    assert score(asked, strong) > score(asked, weak) + 0.2


def test_a_clarification_is_judged_like_the_question() -> None:
    answer = ANSWERS[PAYMENT]["strong"]
    assert score(question(PAYMENT, kind="clarification"), answer) == score(PAYMENT, answer)


def test_speech_without_punctuation_is_understood() -> None:
    answer = ANSWERS[PAYMENT]["strong"].lower().translate(str.maketrans("", "", ".;:"))
    assert score(PAYMENT, answer) == pytest.approx(score(PAYMENT, ANSWERS[PAYMENT]["strong"]), abs=0.15)
