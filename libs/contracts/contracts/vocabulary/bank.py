"""Questions of somebody's own bank."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contracts.text import Written
from contracts.vocabulary.question import Difficulty, Expectation

BankPhase = Literal["technical", "behavioral"]
BankText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=1_000)]


class BankExpectation(Expectation, Written):
    """What a good answer shows, within the limits of a bank."""

    point: str = Field(min_length=1, max_length=500)
    cues: tuple[Annotated[str, StringConstraints(min_length=1, max_length=100)], ...] = Field((), max_length=20)


class BankQuestion(Written):
    """A question of somebody's own bank. `expects` may be empty: the answer is then judged without key points."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)
    text: BankText
    domain: str = Field("general", pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$", max_length=60)
    phase: BankPhase = "technical"
    difficulty: Difficulty = "medium"
    expects: tuple[BankExpectation, ...] = Field((), max_length=10)
    follow_ups: tuple[BankText, ...] = Field((), max_length=5)
