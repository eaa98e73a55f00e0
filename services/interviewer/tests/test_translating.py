"""After another language was asked for, the question that stands is put in it where its words are our own."""

from __future__ import annotations

import pytest
from contracts.vocabulary.configuration import SessionConfig
from interviewer.claims import Kind
from interviewer.engines import wording
from interviewer.engines.translating import in_language
from interviewer.languages import languages
from interviewer.telling import Telling

NURSE = SessionConfig(job_role="Nurse")
BY_CODE = {each.language: each for each in languages()}
KINDS: tuple[Kind, ...] = ("failure", "decision", "change")
CLAIM = '"I moved the call bells."'


@pytest.mark.parametrize("theirs", BY_CODE)
@pytest.mark.parametrize("ours", BY_CODE)
def test_what_takes_up_the_candidates_words_is_said_back_in_the_other_language(theirs: str, ours: str) -> None:
    if theirs == ours:
        return
    one, other = BY_CODE[theirs], BY_CODE[ours]
    for kind in KINDS:
        telling = Telling(kind, "I moved the call bells", 3.0, direction="down")
        question = wording.taken_up(telling, one.taking_up.questions[kind][0], one.taking_up.quoting[0], one)
        wanted = wording.taken_up(telling, other.taking_up.questions[kind][0], other.taking_up.quoting[0], other)
        assert in_language(question, NURSE, other) == wanted


@pytest.mark.parametrize("theirs", BY_CODE)
def test_questions_about_documents_and_the_job_are_too(theirs: str) -> None:
    one = BY_CODE[theirs]
    for other in (each for each in languages() if each is not one):
        for said, wanted in (
            (one.resume.ownership[0].format(claim=CLAIM), other.resume.ownership[0].format(claim=CLAIM)),
            (one.asked_for[0].format(claim=CLAIM), other.asked_for[0].format(claim=CLAIM)),
            (one.inviting.anything_else[0], other.inviting.anything_else[0]),
            (
                one.of_the_trade[0].format(role=wording.a_role("Nurse", one)),
                other.of_the_trade[0].format(role=wording.a_role("Nurse", other)),
            ),
        ):
            assert in_language(said, NURSE, other) == wanted


def test_what_a_bank_or_a_model_asks_stays_as_it_is() -> None:
    for text in ("How do you keep a payment from being made twice?", "Was haben Sie zuletzt gebaut, und warum?"):
        assert all(in_language(text, NURSE, each) == text for each in languages())
