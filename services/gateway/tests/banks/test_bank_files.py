"""Banks as files: nothing is lost on the way out and in, people's spellings are read, and hostile files are refused."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import json
from dataclasses import dataclass
from typing import Any

import pytest
import yaml
from contracts.vocabulary.bank import BankQuestion
from contracts.vocabulary.limits import MAX_BANK_BYTES
from gateway.banks import yaml_file
from gateway.banks.fields import Heading, checked_questions, plain
from gateway.banks.files import MAX_FILE_BYTES, Format, read_bank, write_bank
from gateway.problems import Problem
from gateway.values import parse
from hypothesis import example, given, settings
from hypothesis import strategies as st

FORMATS: tuple[Format, ...] = ("yaml", "csv")
TEXT = "Why queues?"
ODD = "=+-@＝＋－＠'\"\\:,;#|>&*!%?~-[]{}<`\n\r\t \xa0\x85\u2028\u2029\u200b\ufeff\x01\x1c\x7fnaé李😀\U000e0001"


@pytest.fixture(params=["CSafeLoader", "SafeLoader"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With libyaml and without; its name."""
    monkeypatch.setattr(yaml_file, "_Loader", getattr(yaml, request.param))
    return str(request.param)


@dataclass(frozen=True)
class Written:
    """A bank as far as files know it."""

    name: str
    description: str
    questions: tuple[BankQuestion, ...]


def bank(*questions: dict[str, Any], name: str = "Mine", description: str = "") -> Written:
    heading = parse(Heading, {"name": name, "description": description})
    return Written(heading.name, heading.description, checked_questions(list(questions)))


def read(raw: bytes | str, format: Format | None = None) -> tuple[BankQuestion, ...]:
    """The questions of a file."""
    return checked_questions(read_bank(raw.encode() if isinstance(raw, str) else raw, format).get("questions"))


def refusal(raw: bytes | str, format: Format | None = None) -> Problem:
    """What is said about a file."""
    with pytest.raises(Problem) as refused:
        read(raw, format)
    assert len(refused.value.detail) < 200
    return refused.value


def cells(written: Written) -> list[list[str]]:
    """What a spreadsheet finds in an export."""
    text = write_bank(written, "csv").decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


# Out and in


any_text = st.text(
    alphabet=st.one_of(st.sampled_from(ODD), st.characters(codec="utf-8", exclude_characters="\x00")), max_size=40
)
short = any_text.map(lambda text: f"{text}a") | any_text.map(lambda text: f"={text}")
long = any_text.map(lambda text: f"{text}end it") | any_text.map(lambda text: f"begin{text}")
expectations = st.fixed_dictionaries({"point": short}, optional={"cues": st.lists(short, max_size=4)})
questions = st.fixed_dictionaries(
    {"text": long},
    optional={
        "domain": st.sampled_from(["general", "system_design", "null", "true", "1"]),
        "phase": st.sampled_from(["technical", "behavioral"]),
        "difficulty": st.sampled_from(["easy", "hard"]),
        "expects": st.lists(expectations, max_size=3),
        "follow_ups": st.lists(long, max_size=3),
    },
)


@settings(max_examples=500, deadline=None)
@given(st.lists(questions, min_size=1, max_size=4), short, any_text)
@example([{"text": "'=1+1 is what?", "follow_ups": ["\\n is what?", "- why, then?"]}], "'=1", "=1")
@example([{"text": TEXT, "expects": [{"point": "a:", "cues": ["b:", "\\", ",", "=", "c, d"]}]}], "null", "~")
@example([{"text": TEXT, "expects": [{"point": "- a: b\\: c:\nd", "cues": [": ", "null", "\\n"]}]}], "yes", "1.0")
@example([{"text": TEXT, "expects": [{"point": "http://a:80\\"}, {"point": ":", "cues": ["a"]}]}], "<<", "*a")
def test_an_export_is_read_as_an_equal_bank(given: list[dict[str, Any]], name: str, description: str) -> None:
    written = bank(*given, name=name, description=description)
    for format in FORMATS:
        raw = write_bank(written, format)
        for told in (format, None):
            assert read(raw, told) == written.questions
    fields = {name: value for name, value in read_bank(write_bank(written, "yaml")).items() if value is not None}
    heading = parse(Heading, fields)
    assert (heading.name, heading.description) == (written.name, written.description)


@settings(max_examples=200, deadline=None)
@given(st.lists(questions, min_size=1, max_size=3))
def test_no_cell_of_an_export_is_a_formula(given: list[dict[str, Any]]) -> None:
    _, *rows = cells(bank(*given))
    assert not [cell for row in rows for cell in row if cell.startswith(tuple("=+-@＝＋－＠\t\r\n"))]


def test_an_export_changes_nothing_when_a_file_changes_its_line_ends() -> None:
    written = bank({"text": "One\ntwo three", "expects": [{"point": "a\nb"}, {"point": "c"}]})
    for format in FORMATS:
        raw = write_bank(written, format).replace(b"\r\n", b"\n")
        assert read(raw) == read(raw.replace(b"\n", b"\r\n")) == written.questions
    assert read(write_bank(written, "csv").replace(b"\r\n", b"\n").replace(b"\n", b"\r")) == written.questions


@pytest.mark.parametrize("filling", ["\ufeff", "\U000e0001", "\u2028", '"', "\\", "\n-", "😀", "a"])
def test_the_largest_bank_can_be_imported_again(filling: str) -> None:
    cues = [filling.strip() or "x"] * 20
    question = {"text": f"why{filling * (800 // len(filling))}?", "expects": [{"point": "x", "cues": cues}] * 3}
    size = len(json.dumps(plain(bank(question).questions), ensure_ascii=False).encode()) + len("-99")
    written = bank(*[question] * min(100, MAX_BANK_BYTES // size))
    for format in FORMATS:
        raw = write_bank(written, format)
        assert len(raw) < MAX_FILE_BYTES and read(raw) == written.questions


def test_yaml_is_written_for_people() -> None:
    written = bank({"text": "Why?\nReally?", "expects": [{"point": "Names A: B", "cues": ["yes"]}]}, name="Bänke")
    assert write_bank(written, "yaml").decode() == (
        "name: Bänke\nquestions:\n- id: why-really\n  text: |-\n    Why?\n    Really?\n  domain: general\n"
        "  phase: technical\n  difficulty: medium\n  expects:\n  - point: 'Names A: B'\n    cues:\n    - 'yes'\n"
    )


def test_csv_is_written_for_people() -> None:
    question = {
        "text": "=1+1 is, in JS, what?",
        "expects": [{"point": "Names A: B", "cues": ["a, b", "c"]}, {"point": "At http://x"}],
        "follow_ups": ["And why?", "And how?"],
    }
    assert write_bank(bank(question), "csv").startswith(codecs.BOM_UTF8)
    assert cells(bank(question)) == [
        ["id", "text", "domain", "phase", "difficulty", "expects", "follow_ups"],
        [
            "1-1-is-in-js-what",
            "'=1+1 is, in JS, what?",
            "general",
            "technical",
            "medium",
            "Names A\\: B: a\\, b, c\nAt http://x",
            "And why?\nAnd how?",
        ],
    ]


# What people write


def test_what_german_excel_writes_is_read() -> None:
    text = (
        "Text;Phase;Difficulty;Expects;;\r\n"
        '"Was ist ""Kopplung"", und warum?";Behavioral;HARD;"Nennt die Größe: Änderung, Umbau\r\nOhne Stichworte";;\r\n'
        ";;;;;\r\n"
    )
    [question] = read(text.encode("cp1252"), "csv")
    assert question.text == 'Was ist "Kopplung", und warum?'
    assert (question.phase, question.difficulty, question.domain) == ("behavioral", "hard", "general")
    assert [(each.point, each.cues) for each in question.expects] == [
        ("Nennt die Größe", ("Änderung", "Umbau")),
        ("Ohne Stichworte", ()),
    ]
    assert read(text.encode()) == read(text.encode("utf-8-sig")) == read(text.encode("utf-16")) == (question,)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_any_usual_delimiter_is_read(delimiter: str) -> None:
    assert read(f"id{delimiter}text\nmine{delimiter}{TEXT}\n") == (BankQuestion(id="mine", text=TEXT),)
    assert read(f"text\n{TEXT}") == (BankQuestion(id="why-queues", text=TEXT),)


def test_a_cell_that_a_person_typed() -> None:
    cell = " Names 3:1 and http://a.b : x , y,, z\\,w \n\n No cues \n Ends: \n C:\\dir \\"
    [question] = read(f'text,expects,follow_ups\n{TEXT},"{cell}","\n And why? \n"\n')
    assert [(each.point, each.cues) for each in question.expects] == [
        ("Names 3:1 and http://a.b", ("x", "y", "z,w")),
        ("No cues", ()),
        ("Ends", ()),
        ("C:\\dir \\", ()),
    ]
    assert question.follow_ups == ("And why?",)


def test_yaml_scalars_are_text_whatever_they_look_like() -> None:
    text = f"name: 2024-01-01\nquestions:\n- text: {TEXT}\n  domain:\n  expects: [{{point: yes, cues: [1.0, no]}}]"
    fields = read_bank(text.encode())
    assert fields["name"] == "2024-01-01"
    [question] = checked_questions(fields["questions"])
    assert (question.expects[0].point, question.expects[0].cues) == ("yes", ("1.0", "no"))


def test_null_is_nothing_unless_it_is_quoted() -> None:
    fields = read_bank(b"{a: null, b: ~, c: , d: 'null', e: \"~\", f: NULL}")
    assert fields == {"a": None, "b": None, "c": None, "d": "null", "e": "~", "f": None}


SHAPES = [f"- text: {TEXT}", f"questions: [{{text: {TEXT}}}]", f'{{"questions": [{{"text": "{TEXT}"}}]}}']


@pytest.mark.parametrize("text", SHAPES)
def test_yaml_in_other_shapes_is_read(text: str) -> None:
    assert [question.text for question in read(text)] == [TEXT]


def test_the_content_tells_the_format() -> None:
    for format in FORMATS:
        assert read(write_bank(bank({"text": TEXT}), format))[0].text == TEXT
    assert "YAML or CSV" in refusal("Dear all, here are the questions.").detail


# Hostile files


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: &a [x, x]\nb: [*a, *a]", "The YAML is not accepted: aliases are not allowed, at line 2."),
        ("a: &a\n  b: 1\nc:\n  <<: *a", "The YAML is not accepted: aliases are not allowed, at line 4."),
        ("a: 1\nb: 2\na: 3", "The YAML is not accepted: a name stands twice in the same place, at line 3."),
        ("a: 1\n'a': 3", "The YAML is not accepted: a name stands twice in the same place, at line 2."),
        ("questions: !!python/name:os.system", "The YAML is not accepted: tags are not allowed, at line 1."),
        ("!!python/object/apply:os.system [ls]", "The YAML is not accepted: tags are not allowed, at line 1."),
        ("- !!binary aGVsbG8=", "The YAML is not accepted: tags are not allowed, at line 1."),
        ("- !mine {}", "The YAML is not accepted: tags are not allowed, at line 1."),
        ("? [a]\n: b", "The YAML is not accepted: a name is expected before the colon, at line 1."),
        ("? {a: b}\n: c", "The YAML is not accepted: a name is expected before the colon, at line 1."),
        ("null: 1", "The YAML is not accepted: a name is expected before the colon, at line 1."),
        ("a: 1\n---\nb: 2", "The YAML is not accepted: only one document is expected, at line 2."),
        ("[" * 99_999, "The YAML is not accepted: this is nested too deeply, at line 1."),
        ("{a: " * 9_999, "The YAML is not accepted: this is nested too deeply, at line 1."),
        ("- " * 99_999, "The YAML is not accepted: this is nested too deeply, at line 1."),
        ("a: 1\n\tb: [", "The YAML could not be read at line 2."),
        ("a: 'b", "The YAML could not be read at line 1."),
        ("a: \x01", "The YAML could not be read."),
        ("---\n", "The file has to hold a bank with its `questions`, as YAML or CSV."),
        ("just words", "The file has to hold a bank with its `questions`, as YAML or CSV."),
        ("name: Mine", "questions: a list of questions is expected."),
        ("questions: {}", "questions: a list of questions is expected."),
    ],
)
def test_yaml_is_refused_with_a_sentence(text: str, sentence: str, parser: str) -> None:
    refused = refusal(text, "yaml")
    assert refused.status == 400
    assert refused.detail == sentence or (parser == "SafeLoader" and "could not be read" in refused.detail)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("id,question\na,b", "The first row of the CSV has to name the columns, `text` among them."),
        ("text,Text\na,b", "The first row of the CSV names a column twice."),
        (f'text\n"{TEXT}', "The CSV could not be read: a quotation mark is not closed, or not doubled."),
        ('text\n"Why "queues"?"', "The CSV could not be read: a quotation mark is not closed, or not doubled."),
        ("text", "questions: at least one question is expected."),
        ("text,id\n\n,,\n", "questions: at least one question is expected."),
        (
            f"text\n{TEXT}\nWhy, then?",
            "Question 2 has more cells than the first row: is a text not in quotation marks?",
        ),
        (f"text,id\n{TEXT},a\n,b", "Question 2, `text`: it is missing."),
        (
            f"text,expects\n{TEXT},: latency",
            "Question 1, `expects`: a line has cues, but no point before the colon.",
        ),
        ("text\na\x00bcde", "Question 1: a text contains characters that cannot be stored."),
        (f"text\n{TEXT}\n" * 60, "questions: at most 100 are allowed."),
    ],
)
def test_csv_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    refused = refusal(text, "csv")
    assert (refused.status, refused.detail) == (400, sentence)


@pytest.mark.parametrize("raw", [b"", b" \r\n\t", codecs.BOM_UTF8, codecs.BOM_UTF16_LE])
def test_an_empty_file_is_refused(raw: bytes) -> None:
    assert refusal(raw).detail == "The file is empty."


def test_what_is_no_text_is_refused() -> None:
    png = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x81\x8d\xff"
    assert {refusal(png, format).detail for format in (None, *FORMATS)} == {"The file is not text in UTF-8."}
    assert refusal("text\nGrößen sind was?".encode("cp1252"), "yaml").detail == "The file is not text in UTF-8."
    assert refusal(codecs.BOM_UTF16_LE + b"a").status == 400


def test_a_large_file_is_refused() -> None:
    assert refusal(b"#" * (MAX_FILE_BYTES + 1)).status == 413


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=80) | any_text.map(str.encode) | any_text.map(lambda text: f"text,expects\n{text}".encode()))
def test_whatever_is_sent_is_read_or_refused(raw: bytes) -> None:
    for format in (None, *FORMATS):
        with contextlib.suppress(Problem):
            assert read(raw, format)
