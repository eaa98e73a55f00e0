"""What a sentence of English says its speaker did: by subject and verb, in whatever register."""

from __future__ import annotations

import pytest
from interviewer.stance import Stance, gives_a_reason, stance_of

SENTENCES: dict[Stance, tuple[str, ...]] = {
    "did": (
        "I rewired the whole board over one weekend",
        "We shut the valve and drained the tank",
        "Rang the owner straight away and told him",
        "I have taken over the rota from my boss",
        "Me and the apprentice laid the new floor",
        "In the end I refused to sign it",
        "I agreed to it after two days",
    ),
    "noticed": ("I thought the road was clear", "We saw that the figures did not add up", "I knew it was my turn"),
    "does": (
        "I check the seals every morning",
        "I always count twice",
        "We share the tips between the kitchen and the bar",
    ),
    "held": (
        "I run a depot with forty drivers",
        "I have worked on building sites for twelve years",
        "I'm responsible for two schools",
    ),
    "would": (
        "I would ask the driver first",
        "I'd ring the ward and wait",
        "If he was late again, I'd speak to him alone",
    ),
    "happened": (
        "The pump failed twice in one week",
        "There was a boy who never spoke",
        "I had a row with the head of sales",
        "He was told to wait",
    ),
    "thinks": ("I think the law is too soft", "In my opinion nobody reads them"),
    "states": (
        "The tolerance is a tenth of a millimetre",
        "I am a careful person",
        "I need two hours for that",
        "There are a hundred and twelve beds",
        "I'd rather not say",
        "I'm not sure that it was right",
    ),
}


@pytest.mark.parametrize(("stance", "words"), [(stance, each) for stance, some in SENTENCES.items() for each in some])
def test_stances(stance: Stance, words: str) -> None:
    assert stance_of(words) == stance


def test_what_somebody_had_done_is_not_what_they_would_do() -> None:
    assert stance_of("I'd written the questions myself") != "would"
    assert stance_of("I'd say it was fine") != "would"


@pytest.mark.parametrize(
    ("words", "says_why"),
    [
        ("I rang him because the line was down", True),
        ("I rang him so that he knew", True),
        ("I rang him cos nobody else would", True),
        ("I rang him and he came", False),
        ("I rang him since March", False),
    ],
)
def test_reasons(words: str, says_why: bool) -> None:
    assert gives_a_reason(words) is says_why
