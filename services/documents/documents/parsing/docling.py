"""Reads PDF, Word and HTML files with Docling, whose models find tables and layout that rules do not.

Docling is not a dependency: it brings gigabytes of models and libraries with it. Its workers need more memory and
time than the defaults allow.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from typing import Any

from contracts.vocabulary.document import MediaType

from documents.parsed import Block, Parsed
from documents.parsing import readers
from documents.parsing.archive import Archive
from documents.parsing.blocks import Content, parsed_from
from documents.parsing.errors import broken

_SUFFIXES: dict[MediaType, str] = {"pdf": "pdf", "docx": "docx", "html": "html"}
_HEADINGS = {"title": 1, "section_header": 2}


def parse(data: bytes, media_type: MediaType) -> Parsed:
    """As `readers.parse`, which reads what Docling does not."""
    if media_type not in _SUFFIXES:
        return readers.parse(data, media_type)
    if media_type == "docx":
        with Archive(data) as archive:
            archive.refuse_packaged()
    from docling.datamodel.base_models import DocumentStream  # type: ignore[import-not-found]
    from docling.exceptions import ConversionError  # type: ignore[import-not-found]

    stream = DocumentStream(name=f"document.{_SUFFIXES[media_type]}", stream=BytesIO(data))
    try:
        document = _converter().convert(stream).document
    except ConversionError as error:
        raise broken(media_type.upper()) from error
    return parsed_from(Content(_blocks(document), pages=max(len(document.pages), 1)), media_type)


@lru_cache(maxsize=1)
def _converter() -> Any:
    """Loads its models when it is first used."""
    from docling.document_converter import DocumentConverter  # type: ignore[import-not-found]

    return DocumentConverter()


def _blocks(document: Any) -> Iterator[Block]:
    for item, _ in document.iterate_items():
        page = item.prov[0].page_no if item.prov else 1
        label = str(getattr(item.label, "value", item.label))
        if label == "table":
            for row in item.data.grid:
                yield Block(kind="row", text="\t".join(cell.text for cell in row), page=page)
        elif label in _HEADINGS:
            yield Block(kind="heading", text=item.text, page=page, level=getattr(item, "level", _HEADINGS[label]))
        elif label == "list_item":
            yield Block(kind="item", text=item.text, page=page)
        elif getattr(item, "text", ""):
            yield Block(kind="paragraph", text=item.text, page=page)
