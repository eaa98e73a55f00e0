"""Broken and hostile files: each is refused for its own reason, or read without what is bad about it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from documents.parsed import Parsed
from documents.parsing import Unreadable, parse, sniff
from parsing_corpus import hostile, opendocument, word
from parsing_corpus.hostile import REFUSED, SENTENCE, SURVIVED


def read(data: bytes, filename: str) -> Parsed:
    return parse(data, sniff(data, filename))


@pytest.mark.parametrize(("what", "filename", "code", "make"), REFUSED, ids=[each[0] for each in REFUSED])
def test_it_is_refused_for_its_own_reason(what: str, filename: str, code: str, make: Callable[[], bytes]) -> None:
    data = make()
    with pytest.raises(Unreadable) as refused:
        read(data, filename)
    assert refused.value.code == code
    assert is_a_clear_sentence(refused.value.message)


def is_a_clear_sentence(message: str) -> bool:
    """Says what is wrong and what to do, to somebody who knows nothing of programs."""
    jargon = ("Error", "Exception", "Traceback", "None", "xml", "XML file", "0x", "{", SENTENCE, hostile.SECRET)
    return (
        message[0].isupper()
        and message.endswith(".")
        and "lease" in message
        and not any(word in message for word in jargon)
    )


@pytest.mark.parametrize(("what", "filename", "make"), SURVIVED, ids=[each[0] for each in SURVIVED])
def test_it_is_read_without_what_is_bad_about_it(what: str, filename: str, make: Callable[[], bytes]) -> None:
    text = read(make(), filename).text
    assert SENTENCE in text and "unseen" not in text


def test_a_truncated_pdf_is_read_as_far_as_it_goes_or_refused() -> None:
    whole = hostile.many_pages(20)
    for share in (0.3, 0.6, 0.9, 0.99):
        try:
            outcome = read(whole[: int(len(whole) * share)], "cv.pdf").text
        except Unreadable as refused:
            outcome = refused.code
        assert outcome == "broken" or "Page 0 says something." in outcome


def test_pages_are_counted_before_they_are_read() -> None:
    with pytest.raises(Unreadable, match="101 pages"):
        read(hostile.many_pages(101), "cv.pdf")
    assert read(hostile.many_pages(100), "cv.pdf").pages == 100


def test_nothing_outside_the_file_is_read(tmp_path: Path) -> None:
    """Not even without a declared entity: what an XInclude or a linked part names is left alone."""
    secret = tmp_path / "secret.txt"
    secret.write_text(hostile.SECRET)
    included = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{secret.as_uri()}" parse="text"/>'
    relation = word.relation("rId9", "header", secret.as_uri(), "External")
    section = '<w:sectPr><w:headerReference w:type="default" r:id="rId9"/></w:sectPr>'
    for data in (
        word.bare(
            word.paragraph(SENTENCE) + f"<w:p><w:r><w:t>{included}</w:t></w:r></w:p>" + section, relations=relation
        ),
        opendocument.bare(f"<text:p>{SENTENCE}{included}</text:p>"),
        f"<html><p>{SENTENCE}</p><iframe src='{secret.as_uri()}'></iframe><object data='{secret.as_uri()}'>".encode(),
    ):
        assert read(data, "cv").text.strip() == SENTENCE


def test_a_relation_cannot_leave_the_archive() -> None:
    section = '<w:sectPr><w:headerReference w:type="default" r:id="rId9"/></w:sectPr>'
    relation = word.relation("rId9", "header", "../../../../etc/passwd")
    assert read(word.bare(word.paragraph(SENTENCE) + section, relations=relation), "cv.docx").text == SENTENCE


def test_a_name_decides_nothing_but_markdown() -> None:
    assert sniff(hostile.docx(), "cv.pdf") == "docx"
    assert sniff(hostile.odt(), "cv.docx") == "odt"
    assert sniff(hostile.blank_pdf(), "cv.txt") == "pdf"
    assert sniff(b"<!DOCTYPE html><p>x", "cv.txt") == "html"
    assert sniff(b"<!-- made by hand -->\n<HTML><body>", "cv") == "html"
    assert sniff(b"{\\rtf1 x}", "cv.doc") == "rtf"
    assert sniff(b"# Name", "cv.txt") == "text"
    assert sniff(b"# Name", "CV.MD") == "markdown"
    assert sniff("Имя".encode(), "резюме.md") == "markdown"


def test_a_refusal_never_quotes_the_file() -> None:
    for data in (hostile.docx(hostile.SECRET)[:-60], b"%PDF-1.4\n" + hostile.SECRET.encode() * 50):
        with pytest.raises(Unreadable) as refused:
            read(data, hostile.SECRET)
        assert hostile.SECRET not in str(refused.value)
