"""What a sentence of English says its speaker did: by subject and verb, in whatever register."""

from __future__ import annotations

import pytest
from interviewer.stance import Stance, stance_of, tells_of_an_act

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


def test_an_act_is_heard_beside_a_post() -> None:
    assert tells_of_an_act("I left the army, took a course, and I have been fitting kitchens for six years")
    assert not tells_of_an_act("I run a depot with forty drivers")
