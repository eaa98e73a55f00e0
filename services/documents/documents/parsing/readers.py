"""The reader of each format."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from contracts.vocabulary.document import MediaType

from documents.parsed import Parsed
from documents.parsing.blocks import Content, parsed_from
from documents.parsing.errors import too_complex
from documents.parsing.formats import docx, html, markdown, odt, plain, rtf
from documents.parsing.pdf.reader import MAX_PAGES
from documents.parsing.pdf.reader import read as read_pdf

__all__ = ["MAX_PAGES", "READERS", "parse"]

READERS: Mapping[MediaType, Callable[[bytes], Content]] = {
    "pdf": read_pdf,
    "docx": docx.read,
    "odt": odt.read,
    "rtf": rtf.read,
    "html": html.read,
    "markdown": markdown.read,
    "text": plain.read,
}


def parse(data: bytes, media_type: MediaType) -> Parsed:
    """What a file says. Pure, and as slow as the file is long: runs in a worker.

    Raises Unreadable, and MemoryError where memory is limited.
    """
    try:
        return parsed_from(READERS[media_type](data), media_type)
    except RecursionError as error:
        raise too_complex() from error
