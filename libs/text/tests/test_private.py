"""What belongs to somebody's private life, and what only sounds like it."""

from __future__ import annotations

import pytest
from parley_text.private import private_at


@pytest.mark.parametrize(
    "text",
    [
        "That winter my wife was in hospital.",
        "I was signed off for three months.",
        "I left since I have a bad hip.",
        "Ich bin verheiratet.",
    ],
)
def test_family_health_and_faith_are_private(text: str) -> None:
    assert private_at(text) is not None


@pytest.mark.parametrize(
    "text", ["The family of the patient rang twice.", "My manager was furious.", "We had a bad week on the line."]
)
def test_others_families_and_work_are_not(text: str) -> None:
    assert private_at(text) is None


def test_it_says_where_it_begins() -> None:
    assert private_at("I sold the van, my husband was ill.") == 16
