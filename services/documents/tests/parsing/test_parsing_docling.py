"""The adapter of Docling, with a double in its place: Docling itself brings gigabytes, and is not installed here."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from documents.parsing import Unreadable, docling
from documents.parsing.parsers import load
from parsing_corpus import hostile
from parsing_corpus.zips import with_parts


class ConversionError(Exception):
    """As Docling's own."""


def item(label: str, text: str = "", **more: Any) -> tuple[SimpleNamespace, int]:
    return SimpleNamespace(label=SimpleNamespace(value=label), text=text, prov=[SimpleNamespace(page_no=2)], **more), 0


CELLS = [[SimpleNamespace(text="Languages"), SimpleNamespace(text="Go")]]
ITEMS = [
    item("title", "Marjorie Okonkwo"),
    item("section_header", "Experience", level=2),
    item("text", "In Leeds, since 2019."),
    item("list_item", "Led a team"),
    item("table", data=SimpleNamespace(grid=CELLS)),
    item("picture"),
]


class DocumentConverter:
    """Converts everything to the same document, but refuses what says so."""

    def convert(self, stream: SimpleNamespace) -> SimpleNamespace:
        if b"refuse" in stream.stream.getvalue():
            raise ConversionError
        return SimpleNamespace(document=SimpleNamespace(pages={1: None, 2: None}, iterate_items=lambda: ITEMS))


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Docling's double."""
    contents: dict[str, dict[str, Any]] = {
        "docling": {},
        "docling.datamodel": {},
        "docling.datamodel.base_models": {"DocumentStream": SimpleNamespace},
        "docling.exceptions": {"ConversionError": ConversionError},
        "docling.document_converter": {"DocumentConverter": DocumentConverter},
    }
    for name, values in contents.items():
        module = ModuleType(name)
        vars(module).update(values)
        monkeypatch.setitem(sys.modules, name, module)
    docling._converter.cache_clear()
    yield
    docling._converter.cache_clear()


def test_its_items_become_blocks() -> None:
    parsed = docling.parse(b"%PDF-1.7", "pdf")
    assert parsed.pages == 2
    assert [(block.kind, block.text, block.level, block.page) for block in parsed.blocks] == [
        ("heading", "Marjorie Okonkwo", 1, 2),
        ("heading", "Experience", 2, 2),
        ("paragraph", "In Leeds, since 2019.", None, 2),
        ("item", "Led a team", None, 2),
        ("row", "Languages\tGo", None, 2),
    ]


def test_what_it_refuses_is_broken() -> None:
    with pytest.raises(Unreadable) as refused:
        docling.parse(b"%PDF-1.7 refuse", "pdf")
    assert refused.value.code == "broken"


def test_an_archive_is_checked_before_it_gets_it() -> None:
    for data in (
        hostile.flat_bomb(),
        with_parts(hostile.docx(), {"word/embeddings/o.bin": hostile.ole("Ole10Native")}),
    ):
        with pytest.raises(Unreadable):
            docling.parse(data, "docx")


def test_what_it_does_not_read_is_read_as_ever() -> None:
    assert docling.parse(hostile.odt(), "odt").text == hostile.SENTENCE


def test_it_is_loaded_when_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("documents.parsing.parsers.find_spec", lambda name: object())
    assert load("docling") is docling.parse
