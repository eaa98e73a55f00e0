"""Words that were hardly understood: veiled, letter by letter, and left out of what is judged and quoted."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parley_text.guesses import VEIL, marked, mostly_guessed, sure_parts, unveiled, veiled


@dataclass(frozen=True)
class Part:
    start: int
    end: int


@dataclass(frozen=True)
class Heard:
    unsure: tuple[Part, ...] = ()
    confidence: float = 0.9


def at(text: str, *words: str) -> tuple[Part, ...]:
    return tuple(Part(text.index(word), text.index(word) + len(word)) for word in words)


TEXT = "We put Kafka's 3 brokers, behind Redis."


def test_all_but_the_guessed_words_stays_where_it_was() -> None:
    found = veiled(TEXT, at(TEXT, "Kafka's 3", "Redis."))
    assert found == f"We put {VEIL * 5}'{VEIL} {VEIL} brokers, behind {VEIL * 5}."


def test_what_is_left_between_them() -> None:
    found = veiled(TEXT, at(TEXT, "Kafka's 3"))
    assert sure_parts(found) == ["We put", "brokers, behind Redis."]
    assert unveiled(found, "…") == "We put … brokers, behind Redis."
    assert marked(TEXT, found, "<", ">") == "We put <Kafka's 3> brokers, behind Redis."


@pytest.mark.parametrize(
    ("text", "words", "confidence", "mostly"),
    [
        ("We use Redis here", ("Redis",), 0.9, False),
        ("We use Redis here", ("Redis here",), 0.9, True),
        ("We use Redis here", (), 0.4, True),
        ("We use Redis here", (), 0.5, False),
        ("我们用缓存", ("缓存",), 0.9, False),
        ("我们用缓存", ("用缓存",), 0.9, True),
    ],
)
def test_half_of_the_words_is_most(text: str, words: tuple[str, ...], confidence: float, mostly: bool) -> None:
    assert mostly_guessed(text, Heard(at(text, *words), confidence)) is mostly


def test_what_was_written_is_sure() -> None:
    assert not mostly_guessed("Yes", None)


@given(st.text(max_size=60), st.integers(0, 70), st.integers(0, 70))
def test_no_text_changes_its_length(text: str, one: int, other: int) -> None:
    found = veiled(text, [Part(min(one, other), max(one, other))])
    assert len(found) == len(text) and not any(VEIL in part for part in sure_parts(found))
