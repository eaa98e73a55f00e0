"""Whatever the bytes are: a parse, or a refusal that says why."""

from __future__ import annotations

from contextlib import suppress
from typing import get_args

import pytest
from contracts.vocabulary.document import FailureCode, MediaType
from documents.parsed import Parsed
from documents.parsing import Unreadable, parse, sniff
from documents.parsing.charsets import decoded
from documents.parsing.pdf.bidi import logical
from hypothesis import given, settings
from hypothesis import strategies as st
from parsing_corpus import hostile, opendocument, pdf_reportlab, texts, word
from parsing_corpus.sources import resume
from parsing_corpus.zips import part, with_parts

bounded = settings(derandomize=True, deadline=None, max_examples=40, database=None)
BLOCKS = resume("de")
SEEDS: dict[MediaType, bytes] = {
    "pdf": pdf_reportlab.single(BLOCKS[:8], "de"),
    "docx": word.bare(word.paragraph(hostile.SENTENCE) + word.text_box("Inside."), {"word/styles.xml": "<a/>"}),
    "odt": opendocument.document(BLOCKS[:6], "Header", "Footer"),
    "rtf": texts.rtf(BLOCKS[:8], codepage=1252),
    "html": texts.html(BLOCKS, "de"),
    "markdown": texts.markdown(BLOCKS),
    "text": texts.plain(BLOCKS),
}
TYPES = get_args(MediaType)

changes = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 12), st.binary(max_size=12)), min_size=1, max_size=12
)


def outcome(data: bytes, media_type: MediaType) -> None:
    """Fails for everything but a parse and a refusal."""
    refused = None
    try:
        assert isinstance(parse(data, media_type), Parsed)
    except Unreadable as error:
        refused = error
    assert refused is None or (refused.code in get_args(FailureCode) and refused.message.endswith("."))


def changed(data: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    for place, removed, added in edits:
        at = int(place * len(data))
        data = data[:at] + added + data[at + removed :]
    return data


@pytest.mark.parametrize("media_type", TYPES)
@given(edits=changes)
@bounded
def test_damaged_files_are_read_or_refused(media_type: MediaType, edits: list[tuple[float, int, bytes]]) -> None:
    data = changed(SEEDS[media_type], edits)
    outcome(data, media_type)
    with suppress(Unreadable):
        assert sniff(data, "cv.md") in TYPES


@pytest.mark.parametrize("media_type", ["docx", "odt"])
@given(edits=changes)
@bounded
def test_damaged_xml_in_sound_archives_is_read_or_refused(
    media_type: MediaType, edits: list[tuple[float, int, bytes]]
) -> None:
    name = {"docx": "word/document.xml", "odt": "content.xml"}[media_type]
    outcome(with_parts(SEEDS[media_type], {name: changed(part(SEEDS[media_type], name), edits)}), media_type)


@pytest.mark.parametrize("media_type", TYPES)
@given(data=st.binary(max_size=300))
@bounded
def test_noise_is_read_or_refused(media_type: MediaType, data: bytes) -> None:
    outcome(data, media_type)


@given(
    words=st.lists(
        st.sampled_from(
            [
                "\\b",
                "\\par",
                "{",
                "}",
                "\\u8364?",
                "\\'e9",
                "\\*",
                "\\bin3 ",
                "\\cell",
                "\\row",
                "\\footnote",
                "\\shptxt",
                "\\pard",
                "x ",
                "\\uc9 ",
                "\\f1",
                "\\ls1",
            ]
        )
    )
)
@bounded
def test_any_words_of_rtf_in_any_order_are_read_or_refused(words: list[str]) -> None:
    outcome(("{\\rtf1" + "".join(words)).encode(), "rtf")


@given(st.text(max_size=200))
@bounded
def test_utf_8_is_never_taken_for_anything_else(text: str) -> None:
    data = text.encode("utf-8", "ignore")
    found = decoded(data)
    assert (
        found is None or found.lstrip("\ufeff") == data.decode().lstrip("\ufeff") or b"\x00" in data or b"\x1b$" in data
    )


@given(st.text(alphabet="אבגדהשלום 0123456789abc.,-()%\u05b7", max_size=40))
@bounded
def test_putting_text_into_the_order_of_reading_loses_nothing(text: str) -> None:
    assert sorted(logical(text)) == sorted(text)
