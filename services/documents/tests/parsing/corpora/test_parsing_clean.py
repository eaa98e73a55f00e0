"""What clean files say is found in them: every word, in the order in which it is read."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache

import pytest
from documents.parsed import Parsed
from documents.parsing import parse, sniff
from parsing_corpus.clean import CLEAN
from parsing_corpus.sources import LANGUAGES, found_words, words_of

FLOOR = 0.95
"""Of each file."""
OVERALL = 0.98
IN_ORDER = 0.93
EXACT = ("docx", "odt", "rtf", "html", "markdown")
"""Formats that say themselves what is a heading, an item or a row."""
BY_NAME = {file.name: file for file in CLEAN}
COLUMNS = [file.name for file in CLEAN if file.columns]


@dataclass(frozen=True)
class Measured:
    """Numbers of words: in the source, in the parse, in both, and in both in the same order."""

    expected: int
    parsed: int
    found: int
    in_order: int

    @property
    def recall(self) -> float:
        return self.found / self.expected

    @property
    def precision(self) -> float:
        return self.found / self.parsed

    @property
    def order(self) -> float:
        return self.in_order / self.expected

    def __add__(self, other: Measured) -> Measured:
        return Measured(
            self.expected + other.expected,
            self.parsed + other.parsed,
            self.found + other.found,
            self.in_order + other.in_order,
        )


@cache
def parsed(name: str) -> Parsed:
    file = BY_NAME[name]
    return parse(file.data, sniff(file.data, file.filename))


@cache
def measured(name: str) -> Measured:
    expected, got = words_of(BY_NAME[name].blocks), words_of(parsed(name).blocks)
    same = SequenceMatcher(None, expected, got, autojunk=False).get_matching_blocks()
    return Measured(len(expected), len(got), found_words(expected, got), sum(each.size for each in same))


def described(name: str, numbers: Measured, files: int = 1) -> str:
    return (
        f"{name:16} {files:3} files {numbers.expected:6} words   recall {numbers.recall:.4f}"
        f"   precision {numbers.precision:.4f}   in order {numbers.order:.4f}"
    )


def test_the_corpus_is_as_wide_as_we_say() -> None:
    assert len(CLEAN) >= 60 and len(BY_NAME) == len(CLEAN)
    assert {file.producer for file in CLEAN if file.media_type == "pdf"} == {
        "ReportLab",
        "fpdf2",
        "Matplotlib",
        "Typst",
    }
    assert {file.language for file in CLEAN} == set(LANGUAGES) and len(LANGUAGES) >= 9
    assert len({file.language for file in CLEAN if file.media_type == "pdf"}) >= 9


@pytest.mark.parametrize("name", BY_NAME)
def test_its_type_is_told_from_its_content(name: str) -> None:
    assert parsed(name).media_type == BY_NAME[name].media_type


@pytest.mark.parametrize("name", BY_NAME)
def test_its_words_are_found(name: str) -> None:
    numbers = measured(name)
    assert numbers.recall >= FLOOR and numbers.precision >= FLOOR, described(name, numbers)


@pytest.mark.parametrize("name", BY_NAME)
def test_its_words_are_read_in_order(name: str) -> None:
    assert measured(name).order >= IN_ORDER, described(name, measured(name))


def test_nearly_all_words_of_all_files_are_found() -> None:
    groups: dict[str, list[str]] = defaultdict(list)
    for file in CLEAN:
        groups[f"{file.producer} {file.media_type}" if file.media_type == "pdf" else file.media_type].append(file.name)
    nothing = Measured(0, 0, 0, 0)
    for group, names in groups.items():
        print("\n" + described(group, sum(map(measured, names), nothing), len(names)), end="")
    total = sum(map(measured, BY_NAME), nothing)
    print("\n" + described("all", total, len(BY_NAME)))
    assert total.recall >= OVERALL and total.precision >= OVERALL and total.order >= OVERALL


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_are_read_one_after_the_other(name: str) -> None:
    """The words of a column stand together: none of another column is between its first and its last."""
    got = words_of(parsed(name).blocks)
    for column in BY_NAME[name].columns:
        expected = words_of(column)
        same = [
            each for each in SequenceMatcher(None, expected, got, autojunk=False).get_matching_blocks() if each.size
        ]
        first, end = same[0].b, same[-1].b + same[-1].size
        within = got[first:end]
        assert sum(each.size for each in same) >= IN_ORDER * len(expected)
        assert len(within) - found_words(expected, within) <= 0.02 * len(expected)


@pytest.mark.parametrize("name", [file.name for file in CLEAN if file.media_type in EXACT and not file.columns])
def test_what_a_format_says_of_its_parts_is_kept(name: str) -> None:
    expected = [(block.kind, block.text) for block in BY_NAME[name].blocks]
    assert [(block.kind, block.text) for block in parsed(name).blocks] == expected


@pytest.mark.parametrize("name", [file.name for file in CLEAN if file.media_type in EXACT and not file.columns])
def test_levels_of_headings_are_kept(name: str) -> None:
    expected = [(block.text, block.level) for block in BY_NAME[name].blocks if block.kind == "heading"]
    assert [(block.text, block.level) for block in parsed(name).blocks if block.kind == "heading"] == expected


@pytest.mark.parametrize("name", [file.name for file in CLEAN if file.media_type == "pdf" and not file.columns])
def test_most_headings_and_items_of_a_pdf_are_recognised(name: str) -> None:
    """They only look like it: by size, by weight, by marks."""
    looks = [(block.kind, block.text) for block in BY_NAME[name].blocks if block.kind in ("heading", "item")]
    got = {(block.kind, block.text) for block in parsed(name).blocks}
    assert sum(each in got for each in looks) >= 0.9 * len(looks)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_survives_untouched(language: str) -> None:
    files = [file for file in CLEAN if file.language == language and file.media_type != "pdf"]
    for file in files:
        text = unicodedata.normalize("NFC", parsed(file.name).text)
        lines = [unicodedata.normalize("NFC", block.text) for block in file.blocks if block.kind != "row"]
        assert [line for line in lines if line not in text] == [] or file.name == "text-wrapped"


def test_pages_are_counted_and_each_block_knows_its_own() -> None:
    for name in ("reportlab-margins", "fpdf2-margins", "typst-margins"):
        pages = [block.page for block in parsed(name).blocks]
        assert parsed(name).pages > 2
        assert pages == sorted(pages) and set(pages) == set(range(1, parsed(name).pages + 1))


@pytest.mark.parametrize("name", ["reportlab-margins", "fpdf2-margins", "typst-margins"])
def test_what_the_margins_repeat_is_said_once_and_pages_are_not_numbered(name: str) -> None:
    texts = [block.text for block in parsed(name).blocks]
    for said in (BY_NAME[name].blocks[0].text, BY_NAME[name].blocks[-1].text):
        assert sum(said in text for text in texts) == 1
    assert not any(text.strip().startswith("Page ") or text.strip() in {"2", "3", "2 / 3"} for text in texts)
