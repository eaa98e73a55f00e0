"""OpenDocument texts, from bare XML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from documents.parsed import Block

from parsing_corpus.sources import tables
from parsing_corpus.zips import zipped

TYPE = "application/vnd.oasis.opendocument.text"
_NAMESPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in {
        "office": "office", "text": "text", "table": "table", "style": "style", "draw": "drawing",
        "fo": "xsl-fo-compatible",
    }.items()
)  # fmt: skip


def document(blocks: Sequence[Block], header: str = "", footer: str = "") -> bytes:
    """Headings, lists, tables and what is in the margins."""
    body: list[str] = []
    for is_table, run in tables(blocks):
        if is_table:
            rows = [
                "".join(f"<table:table-cell>{_paragraph(cell)}</table:table-cell>" for cell in row.text.split("\t"))
                for row in run
            ]
            body.append(
                f"<table:table>{''.join(f'<table:table-row>{row}</table:table-row>' for row in rows)}</table:table>"
            )
        else:
            body += map(_block, run)
    margins = (
        f"<style:master-page><style:header>{_paragraph(header)}</style:header>"
        f"<style:footer>{_paragraph(footer)}</style:footer></style:master-page>"
    )
    return bare("".join(body), styles=f"<office:master-styles>{margins}</office:master-styles>")


def bare(
    body: str,
    *,
    styles: str = "",
    automatic: str = "",
    prolog: str = "",
    parts: Mapping[str, str | bytes] | None = None,
) -> bytes:
    """A file with just this XML in its body."""
    return zipped(
        {
            "mimetype": TYPE,
            "content.xml": (
                f"{prolog}<office:document-content {_NAMESPACES}><office:automatic-styles>{automatic}"
                f"</office:automatic-styles><office:body><office:text>{body}</office:text></office:body>"
                "</office:document-content>"
            ),
            "styles.xml": f"<office:document-styles {_NAMESPACES}>{styles}</office:document-styles>",
            "META-INF/manifest.xml": "<manifest/>",
        }
        | dict(parts or {})
    )


def _block(block: Block) -> str:
    if block.kind == "heading":
        return f'<text:h text:outline-level="{block.level}">{escape(block.text)}</text:h>'
    if block.kind == "item":
        return f"<text:list><text:list-item>{_paragraph(block.text)}</text:list-item></text:list>"
    return _paragraph(block.text)


def _paragraph(text: str) -> str:
    return f"<text:p>{escape(text)}</text:p>" if text else ""


def text_box(text: str) -> str:
    """A paragraph with a text box."""
    return f"<text:p><draw:frame><draw:text-box>{_paragraph(text)}</draw:text-box></draw:frame></text:p>"
