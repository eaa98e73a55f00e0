"""Sentences end where a reader would say so, and nothing of a text is lost between them."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parley_text.sentences import SEMICOLONS, STOPS, asks, before_more, ends, last, sentences, spans


@pytest.mark.parametrize(
    "parts",
    [
        ["I use Node.js.", "It took 3.5 seconds!", "Really?", "Yes"],
        ["We cut costs, e.g. by caching.", "It helped."],
        ["Dr. Smith and J. R. Miller agreed.", "So did I.", "We kept plan B.", "It held."],
        ["Ada M. Lovelace wrote it.", "Etc."],
        ["Docker, Kubernetes etc. and more of that.", "Tools, queues etc.", "Then we shipped."],
        ["He works at Acme Inc. in Berlin.", "I was at Beta Ltd.", "Then I left."],
        ["See no. 4 and fig. 2.", "The answer was no.", "We left."],
        ["She holds a Ph.D. in physics."],
        ["Das gilt z. B. für Java, d.h. für alles.", "Gut."],
        ["She said “stop it!”", 'He said "no."', "(We waited.)", "Then it ran."],
        ["我负责支付系统。", "“它很快！”", "你呢？", "好"],
        ["मैंने यह किया।", "क्या यह ठीक है?", "هل هذا جيد؟", "نعم"],
        ["It took long ...", "Then it ran."],
        ["Wait…", "I know it now."],
        ["Ratio 10:30, a;b and v1.2.3 stay whole"],
    ],
)
def test_sentences(parts: list[str]) -> None:
    text = " ".join(parts)
    assert sentences(text) == parts
    assert last(text) == parts[-1]


def test_line_breaks_end_sentences_and_blank_ones_are_none() -> None:
    assert sentences("one\ntwo\r\n\n  \n three\u2028four") == ["one", "two", "three", "four"]
    assert sentences(" \n ") == [] and last("") == ""


def test_other_marks_may_end_a_piece() -> None:
    assert sentences("Go; SQL；测试; a;b", also=SEMICOLONS) == ["Go;", "SQL；", "测试;", "a;b"]
    assert last("Hello, I am Ada: how are you?", also=":") == "how are you?"


@pytest.mark.parametrize(
    ("text", "is_end"),
    [
        ("We shipped it. ", True),
        ("很好。", True),
        ("Go!", True),
        ("ठीक है।", True),
        ("Go;", True),
        ("Acme Inc.", False),
        ("Nova S.p.A.", False),
        ("Acme", False),
        ("Why?", False),
        ("", False),
        ("John Doe Jr.", False),
    ],
)
def test_a_statement_ends(text: str, is_end: bool) -> None:
    assert ends(text) is is_end


def test_questions_are_asked_in_any_script() -> None:
    assert all(map(asks, ("Why? Because.", "为什么？", "لماذا؟"))) and not asks("Why. Why!")


def test_a_mark_parts_only_what_goes_on_after_it() -> None:
    more = re.compile(before_more(STOPS))
    assert not more.search("Node.js was fast.") and more.search("It was fast. Then") and more.search("很快。")


@given(st.text(st.sampled_from("aZ1.!?…。？।;:\n \"')”"), max_size=60), st.sampled_from(["", ":", ";；"]))
def test_spans_follow_each_other_and_are_the_text(text: str, also: str) -> None:
    found = list(spans(text, also))
    assert "".join(text[start:end] for start, end in found) == text
    assert all(start < end for start, end in found)
    assert all(sentence in text and sentence == sentence.strip() for sentence in sentences(text, also))


@pytest.mark.parametrize("unit", [".", ". ", "a.", "A. ", "\n", "。", "?!", "e.g. ", '."', "x" * 50])
def test_a_long_text_is_parted_quickly(unit: str) -> None:
    began = time.thread_time()
    sentences(unit * (200_000 // len(unit)))
    assert time.thread_time() - began < 2
