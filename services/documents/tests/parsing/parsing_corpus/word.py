"""Word files: by python-docx, and from bare XML where python-docx has no words for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from xml.sax.saxutils import escape

import docx
from documents.parsed import Block

from parsing_corpus.sources import tables
from parsing_corpus.zips import zipped

MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    f'xmlns:r="{_RELATIONS}" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)


def by_python_docx(blocks: Sequence[Block], header: str = "", footer: str = "") -> bytes:
    """With Word's own styles for headings and lists, and a real table."""
    document = docx.Document()
    if header:
        document.sections[0].header.paragraphs[0].text = header
    if footer:
        document.sections[0].footer.paragraphs[0].text = footer
    for is_table, run in tables(blocks):
        if is_table:
            grid = document.add_table(rows=0, cols=max(len(row.text.split("\t")) for row in run))
            for row in run:
                for cell, text in zip(grid.add_row().cells, row.text.split("\t"), strict=False):
                    cell.text = text
            continue
        for block in run:
            if block.kind == "heading":
                document.add_heading(block.text, block.level or 1)
            else:
                document.add_paragraph(block.text, "List Bullet" if block.kind == "item" else None)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def sidebar(side: Sequence[Block], main: Sequence[Block]) -> bytes:
    """Laid out with a table of one row, as templates do: the sidebar in one cell, the rest in the other."""
    document = docx.Document()
    cells = document.add_table(rows=1, cols=2).rows[0].cells
    for cell, blocks in zip(cells, (side, main), strict=True):
        for block in blocks:
            if block.kind == "heading":
                cell.add_paragraph(block.text, f"Heading {block.level}")
            else:
                cell.add_paragraph(block.text.replace("\t", " "), "List Bullet" if block.kind == "item" else None)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def bare(body: str, parts: Mapping[str, str | bytes] | None = None, relations: str = "", prolog: str = "") -> bytes:
    """A file with just this XML in its body."""
    return zipped(
        {
            "[Content_Types].xml": (
                f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
                'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                f'<Override PartName="/word/document.xml" ContentType="{MAIN}"/></Types>'
            ),
            "_rels/.rels": (
                f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
                f'Type="{_RELATIONS}/officeDocument" Target="word/document.xml"/></Relationships>'
            ),
            "word/document.xml": f"{prolog}<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>",
            "word/_rels/document.xml.rels": (
                f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>'
            ),
        }
        | dict(parts or {})
    )


def relation(number: str, kind: str, target: str, mode: str = "") -> str:
    """One part that the document refers to."""
    outside = f' TargetMode="{mode}"' if mode else ""
    return f'<Relationship Id="{number}" Type="{_RELATIONS}/{kind}" Target="{target}"{outside}/>'


def paragraph(text: str, properties: str = "", run: str = "") -> str:
    """A paragraph with one run."""
    words = f'<w:t xml:space="preserve">{escape(text)}</w:t>'
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:rPr>{run}</w:rPr>{words}</w:r></w:p>"


def text_box(text: str) -> str:
    """A paragraph with a text box, in both the new and the old way, as Word writes it."""
    content = f"<w:txbxContent>{paragraph(text)}</w:txbxContent>"
    return (
        "<w:p><w:r><mc:AlternateContent>"
        f'<mc:Choice Requires="wps"><w:drawing><wp:anchor><a:graphic><a:graphicData><wps:wsp><wps:txbx>{content}'
        "</wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox>{content}</v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
    )


def tracked() -> bytes:
    """One paragraph with an insertion, a deletion and a move that nobody has accepted yet."""
    return bare(
        "<w:p><w:r><w:t>Led a team of </w:t></w:r>"
        '<w:del w:id="1" w:author="A"><w:r><w:delText>three</w:delText></w:r></w:del>'
        '<w:ins w:id="2" w:author="A"><w:r><w:t>seven</w:t></w:r></w:ins>'
        "<w:r><w:t xml:space='preserve'> engineers</w:t></w:r></w:p>"
        '<w:p><w:moveFrom w:id="3" w:author="A"><w:r><w:t>Moved elsewhere</w:t></w:r></w:moveFrom></w:p>'
        '<w:p><w:moveTo w:id="4" w:author="A"><w:r><w:t>Moved elsewhere</w:t></w:r></w:moveTo></w:p>'
        + paragraph("Secret note", run="<w:vanish/>")
    )


def nested_lists(items: Sequence[tuple[int, str]]) -> bytes:
    """Items with their depth, numbered by Word."""
    return bare(
        "".join(
            paragraph(text, f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="1"/></w:numPr>')
            for depth, text in items
        )
    )


def noted() -> bytes:
    """A footnote."""
    note = f'<w:footnote w:id="2">{paragraph("Winner of the regional prize.")}</w:footnote>'
    return bare(
        '<w:p><w:r><w:t>Published a paper on scheduling.</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>',
        {"word/footnotes.xml": f"<w:footnotes {NAMESPACES}>{note}</w:footnotes>"},
        relation("rId7", "footnotes", "footnotes.xml"),
    )
