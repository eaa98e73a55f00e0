"""HTML, RTF, Markdown and plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from html import escape

from documents.parsed import Block

from parsing_corpus.sources import RIGHT_TO_LEFT, tables


def html(blocks: Sequence[Block], language: str, *, charset: str = "utf-8", declared: bool = True) -> bytes:
    """A page as it should be, with a script and a style sheet that nobody reads."""
    body: list[str] = []
    for is_table, run in tables(blocks):
        if is_table:
            rows = ["".join(f"<td>{escape(cell)}</td>" for cell in row.text.split("\t")) for row in run]
            body.append(f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>")
        else:
            body += map(_html_block, run)
    direction = ' dir="rtl"' if language in RIGHT_TO_LEFT else ""
    meta = f'<meta charset="{charset}">' if declared else ""
    page = (
        f'<!DOCTYPE html>\n<html lang="{language}"{direction}><head>{meta}<title>Unread</title>'
        "<style>p { color: teal }</style></head><body>\n" + "\n".join(body) + "<script>unread()</script></body></html>"
    )
    return page.encode(charset, "xmlcharrefreplace")


def _html_block(block: Block) -> str:
    text = escape(block.text)
    if block.kind == "heading":
        return f"<h{block.level}>{text}</h{block.level}>"
    return f"<ul><li>{text}</li></ul>" if block.kind == "item" else f"<p>{text}</p>"


def markdown(blocks: Sequence[Block]) -> bytes:
    """Headings, items and tables with their marks."""
    lines: list[str] = []
    for is_table, run in tables(blocks):
        if is_table:
            rows = [f"| {row.text.replace(chr(9), ' | ')} |" for row in run]
            lines += ["", rows[0], "|" + "---|" * len(run[0].text.split("\t")), *rows[1:], ""]
        else:
            lines += map(_markdown_block, run)
    return "\n".join(lines).encode()


def _markdown_block(block: Block) -> str:
    if block.kind == "heading":
        return f"\n{'#' * (block.level or 1)} {block.text}\n"
    return f"- {block.text}" if block.kind == "item" else f"\n{block.text}\n"


def plain(blocks: Sequence[Block], charset: str = "utf-8", *, width: int | None = None, newline: str = "\n") -> bytes:
    """Text with an empty line before headings; with a `width`, lines end there."""
    lines: list[str] = []
    for block in blocks:
        if block.kind == "heading":
            lines += ["", block.text]
        elif block.kind == "item":
            lines += _wrapped(f"- {block.text}", width, "  ")
        else:
            lines += _wrapped(block.text, width, "")
    return newline.join(lines).strip().encode(charset)


def _wrapped(text: str, width: int | None, indent: str) -> list[str]:
    if width is None or "\t" in text:
        return [text]
    return textwrap.wrap(text, width, subsequent_indent=indent, break_on_hyphens=False)


def rtf(blocks: Sequence[Block], *, codepage: int | None = None, charset: int = 0) -> bytes:
    """As word processors write it: with a `codepage` its bytes, else escapes for each character beyond ASCII."""
    font = f"{{\\fonttbl{{\\f0\\fcharset{charset} Arial;}}}}"
    parts = [f"{{\\rtf1\\ansi\\ansicpg{codepage or 1252}\\deff0{font}\\f0\\fs22\n"]
    for block in blocks:
        if block.kind == "row":
            cells = "".join(f"{_escaped(cell, codepage)}\\cell " for cell in block.text.split("\t"))
            parts.append(f"\\trowd\\cellx2000\\cellx6000\\pard\\intbl {cells}\\row\n")
            continue
        text = _escaped(block.text, codepage)
        if block.kind == "heading":
            parts.append(f"\\pard\\outlinelevel{(block.level or 1) - 1} {{\\b {text}}}\\par\n")
        elif block.kind == "item":
            parts.append(f"\\pard{{\\listtext\\'95\\tab}}\\ls1 {text}\\par\n")
        else:
            parts.append(f"\\pard {text}\\par\n")
    return ("".join(parts) + "}").encode("ascii")


def _escaped(text: str, codepage: int | None) -> str:
    return "".join(_character(char, codepage) for char in text)


def _character(char: str, codepage: int | None) -> str:
    if char in "\\{}":
        return f"\\{char}"
    if char.isascii():
        return char
    if codepage:
        try:
            return "".join(f"\\'{byte:02x}" for byte in char.encode(f"cp{codepage}"))
        except UnicodeEncodeError:
            pass
    units = char.encode("utf-16-le")
    numbers = [int.from_bytes(units[at : at + 2], "little", signed=True) for at in range(0, len(units), 2)]
    return "".join(f"\\u{number}?" for number in numbers)
