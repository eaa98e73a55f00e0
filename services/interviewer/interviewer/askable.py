"""A question that can be put, wherever it comes from: the packaged bank, somebody's own, or the documents."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.vocabulary.bank import BankQuestion as OwnQuestion
from contracts.vocabulary.document import SourceRef
from contracts.vocabulary.question import Difficulty, Expectation, Phase, Question

from interviewer.bank import BankQuestion

OWN = "own-"
"""How the ids of a person's own questions begin, so that they never meet those of the packaged bank."""


@dataclass(frozen=True)
class FollowUp:
    """A prepared question after an answer, with what an answer to it shows."""

    text: str
    expects: tuple[Expectation, ...] = ()


@dataclass(frozen=True)
class Askable:
    """A question with what a good answer shows, and what can be asked after it."""

    id: str
    text: str
    domain: str
    phase: Phase
    difficulty: Difficulty
    expects: tuple[Expectation, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    plainer: str = ""
    """The same in short and simple sentences, where there is such a form."""
    sources: tuple[SourceRef, ...] = ()
    """Where in the documents that stands which the text says of them."""

    def put(self, text: str) -> Question:
        """The question in these words."""
        return Question(
            kind="question",
            text=text,
            phase=self.phase,
            domain=self.domain,
            difficulty=self.difficulty,
            bank_id=self.id,
            expects=self.expects,
            sources=self.sources,
        )


def from_bank(question: BankQuestion) -> Askable:
    """A question of the packaged bank."""
    expects = tuple(Expectation(point=each.point, cues=each.cues) for each in question.shows)
    return Askable(
        question.id,
        question.text,
        question.domain,
        question.phase,
        question.difficulty,
        expects,
        tuple(FollowUp(each.text, tuple(map(_expected, each.shows))) for each in question.follow_ups),
        question.plainer,
    )


def from_own(question: OwnQuestion) -> Askable:
    """A question that the session brought along."""
    return Askable(
        OWN + question.id,
        question.text,
        question.domain,
        question.phase,
        question.difficulty,
        tuple(Expectation(point=each.point, cues=each.cues) for each in question.expects),
        tuple(map(FollowUp, question.follow_ups)),
    )


def _expected(point: str) -> Expectation:
    return Expectation(point=point)
