"""What a bank may hold, and what is said about one that may not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from contracts.vocabulary.bank import BankQuestion
from gateway.banks import fields
from gateway.banks.fields import Changes, Heading, checked_questions, plain
from gateway.banks.ids import slug
from gateway.problems import Problem
from gateway.values import parse

TEXT = "Why queues?"


def refusal(questions: Any) -> Problem:
    """What is said about these questions."""
    with pytest.raises(Problem) as refused:
        checked_questions(questions)
    return refused.value


def ids(*questions: dict[str, Any]) -> list[str]:
    return [question.id for question in checked_questions(list(questions))]


# Questions


def test_a_text_is_enough() -> None:
    assert checked_questions([{"text": f"  {TEXT}\n"}]) == (BankQuestion(id="why-queues", text=TEXT),)


def test_null_and_empty_count_as_not_given_and_the_unknown_is_ignored() -> None:
    question = {"id": None, "text": TEXT, "domain": "", "phase": None, "difficulty": " ", "expects": None, "\ud800": 1}
    assert checked_questions([question]) == (BankQuestion(id="why-queues", text=TEXT),)


def test_lines_end_one_way_and_other_control_characters_are_spaces() -> None:
    [question] = checked_questions([{"text": "One,\r\ntwo,\rthree\x1b\x07?\ttab"}])
    assert question.text == "One,\ntwo,\nthree  ?\ttab"


def test_points_and_cues_are_stripped() -> None:
    [question] = checked_questions([{"text": TEXT, "expects": [{"point": " a\r\n", "cues": ["\tb ", "c"]}]}])
    assert plain(question.expects)[0] == {"point": "a", "cues": ["b", "c"]}


@pytest.mark.parametrize(
    ("questions", "sentence"),
    [
        (None, "questions: a list of questions is expected."),
        ({"text": TEXT}, "questions: a list of questions is expected."),
        ([], "questions: at least one question is expected."),
        ([{"text": TEXT}] * 101, "questions: at most 100 are allowed."),
        ([{"text": TEXT}, "Why?"], "Question 2: an object with a `text` is expected."),
        ([{"text": TEXT}, {}], "Question 2, `text`: it is missing."),
        ([{"text": "    Why?   "}], "Question 1, `text`: at least 5 characters are expected."),
        ([{"text": "x" * 1001}], "Question 1, `text`: at most 1000 characters are allowed."),
        ([{"text": 12345}], "Question 1, `text`: text is expected."),
        ([{"text": "a\ud800bcde"}], "Question 1: a text contains characters that cannot be stored."),
        (
            [{"text": TEXT, "follow_ups": ["a\x00bcde"]}],
            "Question 1: a text contains characters that cannot be stored.",
        ),
        ([{"text": TEXT, "phase": "x" * 99_999}], "Question 1, `phase`: 'technical' or 'behavioral' is expected."),
        ([{"text": TEXT, "difficulty": 3}], "Question 1, `difficulty`: 'easy', 'medium' or 'hard' is expected."),
        (
            [{"text": TEXT, "domain": "System Design"}],
            "Question 1, `domain`: small letters, digits and single underscores are expected, such as system_design.",
        ),
        (
            [{"text": TEXT, "id": "Why Queues"}],
            "Question 1, `id`: small letters, digits and single hyphens are expected, such as why-queues.",
        ),
        ([{"text": TEXT, "id": 7}], "Question 1, `id`: text is expected."),
        ([{"text": TEXT, "id": "a"}, {"text": TEXT, "id": " a"}], "Question 2, `id`: question 1 has the same id."),
        ([{"text": TEXT, "expects": "latency"}], "Question 1, `expects`: a list is expected."),
        (
            [{"text": TEXT, "expects": [{"point": "a"}, "b"]}],
            "Question 1, `expects` 2: an object with `point` and `cues` is expected.",
        ),
        ([{"text": TEXT, "expects": [{"cues": ["a"]}]}], "Question 1, `expects` 1, `point`: it is missing."),
        (
            [{"text": TEXT, "expects": [{"point": "a", "cues": ["b", "x" * 101]}]}],
            "Question 1, `expects` 1, `cues` 2: at most 100 characters are allowed.",
        ),
        ([{"text": TEXT, "expects": [{"point": "a"}] * 11}], "Question 1, `expects`: at most 10 entries are allowed."),
        (
            [{"text": TEXT, "follow_ups": ["Why so?", "Why"]}],
            "Question 1, `follow_ups` 2: at least 5 characters are expected.",
        ),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_with_the_number(questions: Any, sentence: str) -> None:
    refused = refusal(questions)
    assert (refused.status, refused.detail) == (400, sentence)


def test_deep_nesting_is_refused_like_anything_else() -> None:
    nested = json.loads("[" * 900 + "]" * 900)
    assert "`expects`" in refusal([{"text": TEXT, "expects": nested}]).detail


def test_all_questions_together_have_a_limit_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(checked_questions([{"text": "e" * 1000}] * 40)) == 40
    assert refusal([{"text": "é" * 1000}] * 40).status == 413
    size = len(json.dumps(plain(checked_questions([{"text": TEXT}])), ensure_ascii=False).encode())
    monkeypatch.setattr(fields, "MAX_BANK_BYTES", size)
    assert checked_questions([{"text": TEXT}])
    monkeypatch.setattr(fields, "MAX_BANK_BYTES", size - 1)
    assert refusal([{"text": TEXT}]).status == 413


# Ids


def test_ids_are_made_from_the_text() -> None:
    assert slug("What's a “B-tree”?") == "whats-a-b-tree"
    assert slug("Erkläre Größe & Préfixe") == "erklare-groe-prefixe"
    assert slug("word " * 40) == "-".join(["word"] * 12)
    assert slug("x" * 300) == "x" * 60
    assert slug("为什么要用队列") == ""


def test_ids_are_unique_and_leave_those_alone_that_were_given() -> None:
    assert ids({"text": TEXT}, {"text": TEXT}, {"text": TEXT, "id": "why-queues-2"}) == [
        "why-queues",
        "why-queues-3",
        "why-queues-2",
    ]
    assert ids({"text": "为什么要用队列"}, {"text": "為什麼要用隊列"}) == ["question", "question-2"]
    assert len(set(ids(*[{"text": "x" * 1000}] * 50))) == 50


# Name and description


def test_a_name_is_one_line() -> None:
    heading = parse(Heading, {"name": " Back\r\nend\t\u2028\x1b ", "description": " Two\r\nlines. "})
    assert (heading.name, heading.description) == ("Back end", "Two\nlines.")


@pytest.mark.parametrize("name", [None, 7, "", " \n ", "x" * 121, "a\x00b", "\ud800"])
def test_a_bad_name_is_refused(name: Any) -> None:
    with pytest.raises(Problem, match=r"name: [^\n]*\.$"):
        parse(Heading, {"name": name})


@pytest.mark.parametrize("description", [7, "x" * 2001, "a\x00b"])
def test_a_bad_description_is_refused(description: Any) -> None:
    with pytest.raises(Problem, match=r"description: [^\n]*\.$"):
        parse(Changes, {"description": description})
