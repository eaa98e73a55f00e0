"""Reads PDF files with PDFium."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

import pypdfium2 as pdfium  # type: ignore[import-untyped]
import pypdfium2.raw as raw  # type: ignore[import-untyped]
from contracts.documents.understanding import MAX_DOCUMENT_TEXT

from documents.parsing.archive import is_program
from documents.parsing.blocks import Content
from documents.parsing.errors import Unreadable, broken, empty
from documents.parsing.pdf.columns import columns
from documents.parsing.pdf.lines import Line, lines_of, without_margins
from documents.parsing.pdf.paragraphs import blocks_of
from documents.parsing.pdf.spans import PageText, page_text

MAX_PAGES = 100
_MEANINGFUL = 0.5
"""Share of characters whose meaning must be known."""
_MOST_IMAGE_CHARACTERS = 20
"""Characters per page, below which a page with pictures is a scan: scanners put their name there."""
_MOST_OBJECTS = 50
"""Objects of a page that are looked at to find a picture."""


def read(data: bytes) -> Content:
    """The text of all pages, column by column. Files whose user password is empty are opened.

    Raises Unreadable: `encrypted`, `broken`, `too_many_pages`, `scanned` (pictures or outlines instead of text),
    `empty`, and `unsupported` when a program is attached.
    """
    document = _opened(data)
    try:
        if len(document) > MAX_PAGES:
            raise Unreadable(
                "too_many_pages",
                f"This file has {len(document)} pages; at most {MAX_PAGES} are read. Please upload a shorter one.",
            )
        _refuse_programs(document)
        pages = _pages(document)
        _require_text(document, pages)
        lines = _lines(pages)
        return Content(blocks_of(lines), pages=len(document))
    finally:
        document.close()


def _opened(data: bytes) -> pdfium.PdfDocument:
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if raw.FPDF_GetLastError() == raw.FPDF_ERR_PASSWORD or "password" in str(error).lower():
            raise Unreadable(
                "encrypted", "This PDF is protected by a password. Please save it without one and upload that."
            ) from error
        raise broken("PDF") from error
    if len(document) == 0:
        raise broken("PDF")
    return document


def _refuse_programs(document: pdfium.PdfDocument) -> None:
    for index in range(min(document.count_attachments(), 100)):
        if is_program(document.get_attachment(index).get_name()):
            raise Unreadable("unsupported", "A program is attached to this PDF. Please export it again without it.")


def _pages(document: pdfium.PdfDocument) -> list[PageText]:
    """The text of each page; none where enough has been read or a page is damaged."""
    pages: list[PageText] = []
    room = 2 * MAX_DOCUMENT_TEXT
    for index in range(len(document)):
        found = _page(document, index) if room > 0 else None
        pages.append(found or PageText((), 1, 1, 0, 0))
        room -= pages[-1].characters
    return pages


def _page(document: pdfium.PdfDocument, index: int) -> PageText | None:
    try:
        page = document[index]
        text = page.get_textpage()
    except pdfium.PdfiumError:
        return None
    try:
        left, bottom, right, top = page.get_mediabox()
        return page_text(text.raw, abs(right - left), abs(top - bottom))
    finally:
        text.close()
        page.close()


def _require_text(document: pdfium.PdfDocument, pages: Sequence[PageText]) -> None:
    characters = sum(page.characters for page in pages)
    unmapped = sum(page.unmapped for page in pages)
    if characters and unmapped > _MEANINGFUL * characters:
        raise Unreadable(
            "scanned",
            "The letters in this PDF cannot be copied as text. Please export it again, or upload another format.",
        )
    if characters > _MOST_IMAGE_CHARACTERS * len(pages):
        return
    drawn = _drawn(document)
    if "image" in drawn or (characters == 0 and drawn):
        raise Unreadable(
            "scanned",
            "This PDF has pictures of pages, but no text. Please export it from the program it was written in, "
            "or run text recognition (OCR) on it first.",
        )
    if characters == 0:
        raise empty() if _has_pages(document) else broken("PDF")


def _drawn(document: pdfium.PdfDocument) -> set[str]:
    """The kinds of things other than text that are on the pages: `image` and `path`."""
    kinds = {raw.FPDF_PAGEOBJ_IMAGE: "image", raw.FPDF_PAGEOBJ_PATH: "path"}
    found: set[str] = set()
    for index in range(len(document)):
        try:
            page = document[index]
        except pdfium.PdfiumError:
            continue
        for number, each in enumerate(page.get_objects(max_depth=3)):
            found.add(kinds.get(each.type, ""))
            if number == _MOST_OBJECTS:
                break
        page.close()
    return found - {""}


def _has_pages(document: pdfium.PdfDocument) -> bool:
    """Some page can be opened."""
    for index in range(len(document)):
        page = raw.FPDF_LoadPage(document.raw, index)
        if ctypes.cast(page, ctypes.c_void_p).value:
            raw.FPDF_ClosePage(page)
            return True
    return False


def _lines(pages: Sequence[PageText]) -> list[Line]:
    found: list[list[Line]] = []
    count = 0
    for number, page in enumerate(pages, start=1):
        lines: list[Line] = []
        for spans in page.directions:
            left = min(span.x0 for span in spans)
            for column in columns(spans, left + page.width - 2 * max(min(left, page.width / 4), 0)):
                count += 1
                lines += lines_of(column.spans, number, column.right, count)
        found.append(lines)
    return [line for lines in without_margins(found, [page.height for page in pages]) for line in lines]
