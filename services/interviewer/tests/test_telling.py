"""Which sentence of an answer is asked about, and that it is said back whole."""

from __future__ import annotations

from typing import Any

import pytest
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.question import Question
from contracts.vocabulary.turn import Budget, TurnContext, Utterance
from hypothesis import given, settings
from hypothesis import strategies as st
from interviewer.likeness import Likeness
from interviewer.telling import Telling, tellings
from interviewer_simulation import BANK

LIKENESS = Likeness(BANK.texts)


def context(answer: str, *earlier: str, **config: Any) -> TurnContext:
    question = Question(kind="question", text="What did you do there?", phase="behavioral")
    said = [Utterance(role="candidate", text=text, turn=turn) for turn, text in enumerate((*earlier, answer))]
    return TurnContext(
        config=SessionConfig.model_validate(config),
        question=question,
        answer=answer,
        transcript=tuple(said),
        budget=Budget(asked=2, target=9, elapsed=0, duration=600, time_based=False),
    )


async def most_telling(answer: str, *earlier: str, **config: Any) -> Telling:
    return (await tellings(context(answer, *earlier, **config), answer, LIKENESS))[0]


async def test_what_changed_is_told_with_its_direction() -> None:
    for text, direction in {
        "Falls on the ward dropped from fourteen in the spring to five by autumn.": "down",
        "Our returns went from 4 to 11 percent once the new boxes came.": "up",
        "With my new rota we cut the overtime by 30 percent in a quarter.": "down",
    }.items():
        found = await most_telling(f"It was a long year. {text} People were glad of it.")
        assert (found.kind, found.words, found.direction) == ("change", text[:-1], direction)


@pytest.mark.parametrize(
    "text",
    [
        "The walk-in had gone to 9 degrees and I had 300k tied up in stock.",
        "I set alpha to 5 percent for that experiment with the till.",
        "I found an invoice for 86 thousand that had been posted twice.",
    ],
)
async def test_a_figure_alone_is_no_change(text: str) -> None:
    assert "change" not in {each.kind for each in await tellings(context(text), text, LIKENESS)}


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("Month end took eight days when I started and it takes four now.", "down"),
        ("I started out with three vans and I have eleven now.", "up"),
    ],
)
async def test_what_was_so_many_and_is_so_many_now_has_changed(text: str, direction: str) -> None:
    found = await most_telling(text)
    assert (found.kind, found.direction) == ("change", direction)


async def test_we_is_asked_about_only_where_nobody_said_i() -> None:
    assert (await most_telling("We rebuilt the whole cold store over one summer.")).kind == "together"
    both = "We rebuilt the whole cold store over one summer. I drew the plans and hired the crane."
    assert "together" not in {each.kind for each in await tellings(context(both), both, LIKENESS)}


async def test_two_numbers_for_the_same_things_do_not_go_together() -> None:
    found = await most_telling(
        "I led 12 fitters on the night shift in Hull.", "I led 5 fitters on the night shift in Hull."
    )
    assert (found.kind, found.against) == ("contradiction", "I led 5 fitters on the night shift in Hull")
    other = await most_telling("I trained 12 apprentices in Leeds.", "I led 5 fitters on the night shift in Hull.")
    assert other.kind != "contradiction"


async def test_what_the_resume_names_and_the_candidate_never_used() -> None:
    resume = "Ran the whole event platform on Kafka and Postgres"
    found = await most_telling("To be honest I have never worked with Kafka myself.", resume_content=resume)
    assert (found.kind, found.against, found.in_resume) == ("contradiction", resume, True)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("I rang the supplier at six in the morning and read him the batch numbers.", "done"),
        ("I would ring the supplier first and read him the batch numbers.", "intention"),
        ("I keep the batch numbers on a card in my breast pocket.", "habit"),
        ("I think that most suppliers are honest people under pressure.", "opinion"),
        ("I disagreed with the supplier about the batch numbers on that lorry.", "disagreement"),
        ("I forgot to write down the batch numbers of the whole delivery.", "failure"),
    ],
)
async def test_what_is_asked_goes_by_what_the_candidate_did(answer: str, kind: str) -> None:
    assert (await most_telling(answer)).kind == kind


@pytest.mark.parametrize(
    "answer",
    [
        "The lorry came with the wrong batch numbers three times in a row.",
        "Every pallet has a number, a date and the name of a driver on the label.",
        "I saw that the numbers on the lorry were wrong again.",
    ],
)
async def test_what_only_happened_or_is_so_is_not_asked_about(answer: str) -> None:
    assert await tellings(context(answer), answer, LIKENESS) == []


async def test_who_does_something_every_time_is_not_asked_whether_they_ever_did() -> None:
    for answer, left in {
        "I would ask for the papers first. Every time.": [],
        "I would ask for the papers first.": ["a", "b"],
    }.items():
        [would] = await tellings(context(answer), answer, LIKENESS)
        assert (would.kind, would.open_questions(["a", "b"])) == ("intention", left)


async def test_who_does_not_say_that_a_change_is_theirs_is_not_asked_what_they_did_for_it() -> None:
    questions = ["action?", "measure?", "else?"]
    for answer, left in {
        "Visitors went from 31 to 26 thousand while I was there.": questions[1:],
        "With my new rota we cut the overtime by 30 percent in a quarter.": questions,
    }.items():
        [change] = [each for each in await tellings(context(answer), answer, LIKENESS) if each.kind == "change"]
        assert change.open_questions(questions) == left, answer


async def test_in_an_introduction_a_post_is_not_asked_about_as_an_event() -> None:
    for said, kind in {
        "I run the night shift of a cold store near Hull.": "occupation",
        "I have worked on building sites for twelve years.": "occupation",
        "I've shipped two games that you might know.": "occupation",
        "I trained as a joiner and started out in shopfitting.": "background",
        "I left the army, took a course, and I have been fitting kitchens for six years.": "background",
        "I moved the whole store to a new system over one weekend.": "done",
    }.items():
        at = context(said)
        introduced = at.model_copy(update={"question": at.question.model_copy(update={"phase": "intro"})})
        assert (await tellings(introduced, said, LIKENESS))[0].kind == kind, said


async def test_in_an_introduction_nobody_is_asked_how_they_came_to_a_habit() -> None:
    for said in ("I sell houses nobody wants, and I do it with a smile.", "I say nothing and I smile at all of them."):
        at = context(said)
        introduced = at.model_copy(update={"question": at.question.model_copy(update={"phase": "intro"})})
        assert "habit" not in {each.kind for each in await tellings(introduced, said, LIKENESS)}, said


async def test_what_learners_tell_in_the_present_is_what_they_did_once() -> None:
    told = "One time the driver is asleep. I ring the depot and I stay with him all the night."
    assert (await most_telling(told)).kind == "done"
    assert (await most_telling("I ring the depot once a day and I stay on the line for all of it.")).kind == "habit"


@pytest.mark.parametrize(
    "text",
    [
        "We work two till ten, doors nine to sixteen are outbound, and the trailers are 13.6 metres long.",
        "The insert is a number 12 and we run it at 55 metres a minute for 20 parts.",
        "At my last place I had five people under me and every one of them is now a head somewhere.",
        "There were six of us on that boat, and two are now managers themselves.",
    ],
)
async def test_two_figures_are_a_change_only_where_one_came_from_the_other(text: str) -> None:
    assert "change" not in {each.kind for each in await tellings(context(text), text, LIKENESS)}


@settings(deadline=None, max_examples=150)
@given(st.text(max_size=600))
async def test_whatever_is_asked_about_has_points_of_its_own(answer: str) -> None:
    assert all(each.expects for each in await tellings(context(answer), answer, LIKENESS))
