"""PDF files made by Typst."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import typst
from documents.parsed import Block

from parsing_corpus.fonts import DEJAVU
from parsing_corpus.sources import RIGHT_TO_LEFT, tables

_SPECIAL = re.compile(r"([\\#$*_`<>@=\-+/\[\]~'\"])")


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(DEJAVU)])


def single(blocks: Sequence[Block], language: str, *, justify: bool = False, settings: str = "") -> bytes:
    """One column; with `justify`, words are hyphenated by the rules of the language."""
    return _compiled(f"{_head(language, justify)}\n{settings}\n{_body(blocks)}")


def two_columns(left: Sequence[Block], right: Sequence[Block], language: str) -> bytes:
    """Two columns of the same width, through which the text flows."""
    body = f"#columns(2, gutter: 18pt)[\n{_body(left)}\n#colbreak()\n{_body(right)}\n]"
    return _compiled(f"{_head(language, False)}\n{body}")


def sidebar(main: Sequence[Block], side: Sequence[Block], language: str, top: Sequence[Block] = ()) -> bytes:
    """The main column and a narrow one at its right, below what is as wide as the page."""
    grid = f"#grid(columns: (2fr, 1fr), gutter: 16pt)[\n{_body(main)}\n][\n{_body(side)}\n]"
    return _compiled(f"{_head(language, False)}\n{_body(top)}\n{grid}")


def with_margins(blocks: Sequence[Block], language: str, header: str, footer: str) -> bytes:
    """Many pages, each with a header, and a footer with its number of all."""
    page = (
        f"#set page(height: 14cm, header: [{_escaped(header)}], "
        f'footer: context [{_escaped(footer)} #h(1fr) #counter(page).display("1 / 1", both: true)])'
    )
    return _compiled(f"{_head(language, False)}\n{page}\n{_body(blocks)}")


def _head(language: str, justify: bool) -> str:
    direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    family = "Libertinus Serif" if language in ("en", "de", "es", "fr", "pl") else "DejaVu Sans"
    return (
        f'#set text(font: "{family}", size: 10.5pt, lang: "{language}", dir: {direction})\n'
        f"#set par(justify: {str(justify).lower()})\n#set page(margin: 2cm)"
    )


def _body(blocks: Sequence[Block]) -> str:
    parts: list[str] = []
    for is_table, run in tables(blocks):
        if is_table:
            width = max(len(row.text.split("\t")) for row in run)
            cells = [f"[{_escaped(cell)}]" for row in run for cell in row.text.split("\t")]
            parts.append(f"#table(columns: {width}, {', '.join(cells)})")
            continue
        for block in run:
            text = _escaped(block.text)
            if block.kind == "heading":
                parts.append(f"{'=' * (block.level or 3)} {text}\n")
            elif block.kind == "item":
                parts.append(f"- {text}")
            else:
                parts.append(f"\n{text}\n")
    return "\n".join(parts)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _compiled(source: str) -> bytes:
    made = typst.compile(source.encode(), font_paths=_fonts())
    assert isinstance(made, bytes)
    return made
