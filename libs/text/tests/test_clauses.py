"""Pieces of a text that are spoken one after the other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parley_text.clauses import FIRST, LATER, clauses

QUESTION = (
    "Good day, and thank you for joining this interview. I will ask you some questions, and take up what you say. "
    "Would you please introduce yourself, and tell me what draws you to this position?"
)


def test_the_first_piece_is_short_and_ends_where_a_clause_does() -> None:
    first, *later = clauses(QUESTION)
    assert first == "Good day, and thank you for joining this interview."
    assert all(len(each) <= LATER for each in later) and later[-1].endswith("position?")


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("  \n ", []),
        ("Thanks.", ["Thanks."]),
        ("One. Two. Three.", ["One.", "Two. Three."]),
        ("您好，欢迎参加面试。请介绍一下自己。", ["您好，欢迎参加面试。", "请介绍一下自己。"]),
    ],
)
def test_short_texts(text: str, pieces: list[str]) -> None:
    assert clauses(text) == pieces


def test_what_cannot_be_parted_otherwise_is_parted_between_words_and_at_last_anywhere() -> None:
    assert [len(each) for each in clauses("word " * 40)] == [59, 139]
    assert [len(each) for each in clauses("x" * 200)] == [FIRST, 140]


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_no_word_is_lost_or_said_twice(text: str) -> None:
    pieces = clauses(text)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(len(each) <= LATER for each in pieces) and all(len(each) <= FIRST for each in pieces[:1])
