"""Files that are broken, of another kind, or made to harm whoever reads them."""

from __future__ import annotations

import random
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from io import BytesIO

from fpdf import FPDF
from PIL import Image, ImageDraw
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from parsing_corpus import opendocument, pdf_fpdf2, pdf_reportlab, texts, word
from parsing_corpus.sources import resume
from parsing_corpus.zips import with_parts, zipped

SENTENCE = "Led a team of seven engineers in Leeds."
SECRET = "root:x:0:0"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "ha ha ha ha ha ha ha ha ha ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)
_OUTSIDE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'


def pdf(objects: Mapping[int, bytes], trailer: bytes = b"/Root 1 0 R") -> bytes:
    """A PDF file of these objects, the first of which is its catalog."""
    out = bytearray(b"%PDF-1.7\n")
    offsets: dict[int, int] = {}
    for number, content in objects.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n"
    for number, offset in offsets.items():
        out += b"%d 1\n%010d 00000 n \n" % (number, offset)
    out += b"trailer\n<< /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (max(objects) + 1, trailer, start)
    return bytes(out)


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """A stream object."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), entries, content)


def _page_with(content: bytes, resources: bytes = b"", more: Mapping[int, bytes] | None = None) -> bytes:
    font = b"/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
    return pdf(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << %s %s >> >>"
            % (font, resources),
            4: stream(content),
        }
        | dict(more or {})
    )


def _said(text: str = SENTENCE) -> bytes:
    return b"BT /F1 12 Tf 50 700 Td (%s) Tj ET" % text.encode()


# Of another kind, or without text


def random_bytes(size: int = 20_000, seed: int = 7) -> bytes:
    """Noise."""
    return random.Random(seed).randbytes(size)


def picture(kind: str) -> bytes:
    """A picture of a page with letters."""
    image = Image.new("RGB", (300, 400), "white")
    ImageDraw.Draw(image).text((30, 40), SENTENCE, fill="black")
    out = BytesIO()
    image.save(out, kind)
    return out.getvalue()


def scanned_pdf(pages: int = 2, stamp: str = "") -> bytes:
    """Pictures of pages; with a `stamp`, such as the name of the scanner, a few real letters too."""
    out = BytesIO()
    canvas = Canvas(out, invariant=True)
    reader = ImageReader(BytesIO(picture("PNG")))
    for _ in range(pages):
        canvas.drawImage(reader, 0, 0, 595, 842)
        canvas.drawString(20, 20, stamp)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def outlined_pdf() -> bytes:
    """Letters as shapes: a drawing program's "convert to outlines"."""
    strokes = b" ".join(b"%d 700 m %d 720 l %d 700 l" % (x, x + 5, x + 10) for x in range(50, 500, 12))
    return _page_with(strokes + b" S")


def blank_pdf() -> bytes:
    """A page with nothing on it."""
    return _page_with(b"")


def program(kind: str) -> bytes:
    """The head of a program."""
    head = {"exe": b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff", "elf": b"\x7fELF\x02\x01\x01" + bytes(9)}
    return head[kind] + random_bytes(2000)


def ole(*names: str) -> bytes:
    """An OLE file with streams of these names, as old Office files and encrypted new ones are."""
    return _OLE + bytes(504) + b"".join(name.encode("utf-16-le").ljust(64, b"\x00") + bytes(64) for name in names)


# Locked


def encrypted_zip(data: bytes) -> bytes:
    """An archive that says of its parts that they are encrypted."""
    made = bytearray(data)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = made.find(signature)
        while at >= 0:
            made[at + offset] |= 1
            at = made.find(signature, at + 4)
    return bytes(made)


# Archives


@cache
def flat_bomb() -> bytes:
    """A Word file of 70 KB that unpacks to 70 MB."""
    return word.bare("", {"word/media/image1.png": bytes(70 << 20)})


@cache
def one_huge_part() -> bytes:
    """The text itself is larger than any that is unpacked."""
    return with_parts(docx(), {"word/document.xml": b"<a>" + b" " * (33 << 20) + b"</a>"})


def nested_bomb() -> bytes:
    """An archive in an archive in an archive, all within a Word file that says something."""
    inner = zipped({f"{number}.xml": bytes(1 << 20) for number in range(8)})
    for _ in range(3):
        inner = zipped({f"{number}.zip": inner for number in range(8)})
    return word.bare(word.paragraph(SENTENCE), {"word/embeddings/inner.zip": inner})


def overlapping_bomb() -> bytes:
    """Thousands of names for the same bytes."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", word.MAIN)
        archive.writestr("0.xml", bytes(1 << 20))
        original = archive.infolist()[-1]
        for number in range(1, 3000):
            copy = zipfile.ZipInfo(f"{number}.xml")
            for name in ("header_offset", "compress_size", "file_size", "CRC", "compress_type", "flag_bits"):
                setattr(copy, name, getattr(original, name))
            archive.filelist.append(copy)
            archive.NameToInfo[copy.filename] = copy
    return out.getvalue()


def many_parts() -> bytes:
    """More parts than any document has."""
    return zipped(
        {"[Content_Types].xml": word.MAIN} | {f"p{number}": "" for number in range(6000)}, method=zipfile.ZIP_STORED
    )


def docx(text: str = SENTENCE) -> bytes:
    """The smallest Word file."""
    return word.bare(word.paragraph(text))


def odt(text: str = SENTENCE) -> bytes:
    """The smallest OpenDocument file."""
    return opendocument.bare(f"<text:p>{text}</text:p>")


def nested_docx(depth: int) -> bytes:
    """Content controls in content controls."""
    return word.bare("<w:sdt><w:sdtContent>" * depth + word.paragraph(SENTENCE) + "</w:sdtContent></w:sdt>" * depth)


def nested_odt(depth: int) -> bytes:
    """Spans in spans."""
    return opendocument.bare(f"<text:p>{'<text:span>' * depth}{SENTENCE}{'</text:span>' * depth}</text:p>")


def styles_in_a_circle() -> bytes:
    """Two styles, each based on the other."""
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{a}"><w:name w:val="{a}"/><w:basedOn w:val="{b}"/></w:style>'
        for a, b in ("AB", "BA")
    )
    return word.bare(
        word.paragraph(SENTENCE, '<w:pStyle w:val="A"/>'),
        {"word/styles.xml": f"<w:styles {word.NAMESPACES}>{styles}</w:styles>"},
        word.relation("rId1", "styles", "styles.xml"),
    )


# PDF


@cache
def many_pages(count: int) -> bytes:
    """Short pages."""
    out = BytesIO()
    canvas = Canvas(out, invariant=True)
    for number in range(count):
        canvas.drawString(50, 700, f"Page {number} says something.")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def page_tree_loop() -> bytes:
    """Pages that are their own children."""
    return pdf(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 /Parent 2 0 R >>",
        }
    )


def claimed_pages() -> bytes:
    """One page, though it says a billion."""
    return _page_with(_said()).replace(b"/Count 1 ", b"/Count 999999999 ")


def form_loop() -> bytes:
    """A form that draws itself, beside a real sentence."""
    form = stream(b"/X Do", b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >>")
    return _page_with(_said() + b" /X Do", b"/XObject << /X 5 0 R >>", {5: form})


def forms_that_multiply(depth: int = 30) -> bytes:
    """Forms that draw the next one ten times each: 10^30 drawings."""
    forms = {
        5 + number: stream(
            b"/X Do " * 10,
            b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X %d 0 R >> >>" % (6 + number),
        )
        for number in range(depth)
    }
    return _page_with(_said() + b" /X Do", b"/XObject << /X 5 0 R >>", forms)


@cache
def packed_twice() -> bytes:
    """A page of 300 MB in 3 KB."""
    packer = zlib.compressobj(9)
    once = b"".join(packer.compress(_said("abc") * 30_000) for _ in range(300)) + packer.flush()
    content = stream(zlib.compress(once, 9), b"/Filter [/FlateDecode /FlateDecode]")
    return _page_with(b"").replace(stream(b""), content)


def nested_arrays() -> bytes:
    """A hundred thousand brackets."""
    return _page_with(_said(), more={5: b"[" * 100_000})


def huge_page() -> bytes:
    """A page a thousand kilometres wide."""
    return _page_with(_said()).replace(b"[0 0 595 842]", b"[-2e9 -2e9 2e9 2e9]")


def many_objects() -> bytes:
    """A quarter of a million lines on one page, and a sentence."""
    return _page_with(_said() + b" 1 1 m 2 2 l S" * 250_000)


def many_characters(lines: int) -> bytes:
    """A page with a thousand letters a line."""
    line = b"(" + b"lorem ipsum dolor sit amet " * 40 + b") Tj 0 -1 Td "
    return _page_with(b"BT /F1 1 Tf 50 800 Td (%s) Tj 0 -1 Td " % SENTENCE.encode() + line * lines + b" ET")


def with_javascript() -> bytes:
    """A program that would run on opening, and a sentence."""
    return _page_with(_said()).replace(
        b"/Pages 2 0 R >>", b"/Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> >>"
    )


def with_attachment(name: str) -> bytes:
    """A file attached."""
    made = FPDF()
    made.add_page()
    made.set_font("Helvetica", size=12)
    made.cell(text=SENTENCE)
    made.embed_file(basename=name, bytes=b"MZ something")
    return bytes(made.output())


def unmapped_pdf() -> bytes:
    """A font that does not say what its letters mean."""
    return pdf(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R >> >> >>",
            4: stream(b"BT /F1 12 Tf 50 700 Td <" + b"".join(b"%04x" % n for n in range(3, 90)) + b"> Tj ET"),
            5: b"<< /Type /Font /Subtype /Type0 /BaseFont /ABCDEF+Odd /Encoding /Identity-H "
            b"/DescendantFonts [6 0 R] >>",
            6: b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /ABCDEF+Odd /FontDescriptor 7 0 R "
            b"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
            7: b"<< /Type /FontDescriptor /FontName /ABCDEF+Odd /Flags 4 /FontBBox [0 0 1000 1000] /ItalicAngle 0 "
            b"/Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >>",
        }
    )


# RTF, HTML, Markdown and text


def nested_rtf(depth: int) -> bytes:
    """Groups in groups."""
    return b"{\\rtf1 " + b"{" * depth + SENTENCE.encode() + b"}" * depth + b"}"


def rtf_with_object(kind: str) -> bytes:
    """An embedded object with its bytes as digits."""
    return (
        b"{\\rtf1 " + SENTENCE.encode() + b"{\\object\\objemb{\\*\\objclass " + kind.encode() + b"}{\\*\\objdata "
        + b"0105000002000000" * 1000 + b"}{\\result unseen}}\\par}"
    )  # fmt: skip


def nested_html(depth: int) -> bytes:
    """Elements in elements."""
    return b"<!DOCTYPE html><body>" + b"<div>" * depth + SENTENCE.encode() + b"</div>" * depth


def slow_markdown(size: int = 60_000) -> bytes:
    """Takes a reader of Markdown far longer than it is long."""
    return b"Words. " + b"[a](<b" * size


REFUSED: Sequence[tuple[str, str, str, Callable[[], bytes]]] = (
    ("nothing", "cv.txt", "empty", lambda: b""),
    ("white space", "cv.txt", "empty", lambda: b" \t\r\n\f" * 500),
    ("zeros", "cv.pdf", "empty", lambda: bytes(5000)),
    ("a mark of UTF-8 and nothing else", "cv.txt", "empty", lambda: b"\xef\xbb\xbf  \n"),
    ("signs without a word", "cv.txt", "empty", lambda: b"--- *** ---\n" * 20),
    ("a blank PDF", "cv.pdf", "empty", blank_pdf),
    ("an empty Word file", "cv.docx", "empty", lambda: word.bare("<w:p/>")),
    ("an empty OpenDocument file", "cv.odt", "empty", lambda: odt("")),
    ("an empty page", "cv.html", "empty", lambda: b"<!DOCTYPE html><html><body></body></html>"),
    ("a page of scripts", "cv.html", "empty", lambda: b"<html><script>var words = 1</script><style>p {}</style>"),
    ("an empty RTF", "cv.rtf", "empty", lambda: b"{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}}"),
    ("hidden words only", "cv.docx", "empty", lambda: word.bare(word.paragraph(SENTENCE, run="<w:vanish/>"))),
    ("a PDF with a password", "cv.pdf", "encrypted", lambda: pdf_fpdf2.encrypted(SENTENCE, "open", "change")),
    ("a Word file with a password", "cv.docx", "encrypted", lambda: ole("EncryptionInfo", "EncryptedPackage")),
    ("a Word file in an encrypted archive", "cv.docx", "encrypted", lambda: encrypted_zip(docx())),
    (
        "an OpenDocument file with a password",
        "cv.odt",
        "encrypted",
        lambda: with_parts(odt(), {"META-INF/manifest.xml": "<manifest><encryption-data/></manifest>"}),
    ),
    ("a scan", "cv.pdf", "scanned", scanned_pdf),
    ("a scan with the scanner's name", "cv.pdf", "scanned", lambda: scanned_pdf(3, "ScanJet 9")),
    ("letters as shapes", "cv.pdf", "scanned", outlined_pdf),
    ("letters without meaning", "cv.pdf", "scanned", unmapped_pdf),
    ("the first bytes of a PDF", "cv.pdf", "broken", lambda: pdf_reportlab.single(resume("en"), "en")[:400]),
    ("noise that calls itself a PDF", "cv.pdf", "broken", lambda: b"%PDF-1.7\n" + random_bytes()),
    ("pages in a circle", "cv.pdf", "broken", page_tree_loop),
    ("a truncated Word file", "cv.docx", "broken", lambda: docx()[:-60]),
    (
        "a Word file with a damaged part",
        "cv.docx",
        "broken",
        lambda: docx().replace(b"word/document.xml", b"word/documenX.xml"),
    ),
    ("a Word file with broken XML", "cv.docx", "broken", lambda: with_parts(docx(), {"word/document.xml": "<w:doc"})),
    ("a Word file without text", "cv.docx", "broken", lambda: zipped({"[Content_Types].xml": word.MAIN})),
    ("an OpenDocument file without text", "cv.odt", "broken", lambda: zipped({"mimetype": opendocument.TYPE})),
    ("a name that leads out", "cv.docx", "broken", lambda: with_parts(docx(), {"../../etc/cron.d/x": "x"})),
    ("an absolute name", "cv.docx", "broken", lambda: with_parts(docx(), {"/etc/passwd": "x"})),
    ("a name of Windows that leads out", "cv.odt", "broken", lambda: with_parts(odt(), {"a\\..\\..\\x": "x"})),
    (
        "a method of packing that takes much memory",
        "cv.docx",
        "broken",
        lambda: zipped({"[Content_Types].xml": word.MAIN}, method=zipfile.ZIP_LZMA),
    ),
    ("a byte missing in an archive", "cv.docx", "broken", lambda: docx()[:500] + docx()[501:]),
    ("an archive cut off", "cv.docx", "broken", lambda: b"PK\x03\x04" + random_bytes(300)),
    ("noise", "cv.pdf", "unsupported", random_bytes),
    ("a program for Windows", "cv.pdf", "unsupported", lambda: program("exe")),
    ("a program for Linux", "cv.pdf", "unsupported", lambda: program("elf")),
    ("a script", "cv.txt", "unsupported", lambda: b"#!/bin/sh\nrm -rf /\n"),
    ("a JPEG", "cv.pdf", "unsupported", lambda: picture("JPEG")),
    ("a PNG", "cv.pdf", "unsupported", lambda: picture("PNG")),
    ("a GIF", "cv.docx", "unsupported", lambda: picture("GIF")),
    ("a BMP", "cv.pdf", "unsupported", lambda: picture("BMP")),
    ("a TIFF", "cv.pdf", "unsupported", lambda: picture("TIFF")),
    ("an archive", "cv.pdf", "unsupported", lambda: zipped({"cv.txt": SENTENCE})),
    ("an old Word file", "cv.doc", "unsupported", lambda: ole("WordDocument", "1Table")),
    (
        "a spreadsheet",
        "cv.xlsx",
        "unsupported",
        lambda: zipped({"[Content_Types].xml": word.MAIN.replace("wordprocessingml.document", "spreadsheetml.sheet")}),
    ),
    ("a Word file with macros", "cv.docx", "unsupported", lambda: with_parts(docx(), {"word/vbaProject.bin": "x"})),
    (
        "a Word file that says it has macros",
        "cv.docm",
        "unsupported",
        lambda: with_parts(docx(), {"[Content_Types].xml": "application/vnd.ms-word.document.macroEnabled.main+xml"}),
    ),
    (
        "an OpenDocument file with macros",
        "cv.odt",
        "unsupported",
        lambda: with_parts(odt(), {"Basic/Standard/M.xml": "x"}),
    ),
    (
        "a program in a Word file",
        "cv.docx",
        "unsupported",
        lambda: with_parts(docx(), {"word/embeddings/run.exe": "x"}),
    ),
    (
        "a packed file in a Word file",
        "cv.docx",
        "unsupported",
        lambda: with_parts(docx(), {"word/embeddings/o1.bin": ole("Ole10Native")}),
    ),
    ("a program in a PDF", "cv.pdf", "unsupported", lambda: with_attachment("invoice.exe")),
    ("a packed file in an RTF", "cv.rtf", "unsupported", lambda: rtf_with_object("Package")),
    ("a feed", "cv.xml", "unsupported", lambda: b"<?xml version='1.0'?><rss><channel/></rss>"),
    ("500 pages", "cv.pdf", "too_many_pages", lambda: many_pages(500)),
    ("a zip bomb", "cv.docx", "too_complex", flat_bomb),
    ("one huge part", "cv.docx", "too_complex", one_huge_part),
    ("a zip bomb of overlapping parts", "cv.docx", "too_complex", overlapping_bomb),
    ("thousands of parts", "cv.docx", "too_complex", many_parts),
    (
        "a billion laughs in Word",
        "cv.docx",
        "too_complex",
        lambda: word.bare(word.paragraph("x").replace("x<", "&i;<"), prolog=_LAUGHS),
    ),
    (
        "a billion laughs in OpenDocument",
        "cv.odt",
        "too_complex",
        lambda: opendocument.bare("<text:p>&i;</text:p>", prolog=_LAUGHS),
    ),
    (
        "an entity outside, in Word",
        "cv.docx",
        "too_complex",
        lambda: word.bare(word.paragraph("x").replace("x<", "&e;<"), prolog=_OUTSIDE),
    ),
    (
        "an entity outside, in OpenDocument",
        "cv.odt",
        "too_complex",
        lambda: opendocument.bare("<text:p>&e;</text:p>", prolog=_OUTSIDE),
    ),
    ("a Word file nested too deeply", "cv.docx", "too_complex", lambda: nested_docx(5000)),
    ("an OpenDocument file nested too deeply", "cv.odt", "too_complex", lambda: nested_odt(5000)),
    ("HTML nested too deeply", "cv.html", "too_complex", lambda: nested_html(100_000)),
    ("eleven megabytes of one HTML line", "cv.html", "too_complex", lambda: b"<html><p>" + _line(11_000_000)),
    ("RTF nested too deeply", "cv.rtf", "too_complex", lambda: nested_rtf(10_000)),
)
"""What it is, its name, why it is refused, and how it is made."""


def _line(size: int) -> bytes:
    return (SENTENCE.encode() + b" ") * (size // (len(SENTENCE) + 1))


SURVIVED: Sequence[tuple[str, str, Callable[[], bytes]]] = (
    ("a PDF that only its owner may change", "cv.pdf", lambda: pdf_fpdf2.encrypted(SENTENCE, "", "change")),
    ("a PDF with JavaScript", "cv.pdf", with_javascript),
    ("a PDF with a text attached", "cv.pdf", lambda: with_attachment("notes.txt")),
    ("a form that draws itself", "cv.pdf", form_loop),
    ("forms that multiply", "cv.pdf", lambda: forms_that_multiply(4)),
    ("a hundred thousand brackets", "cv.pdf", nested_arrays),
    ("a page of a thousand kilometres", "cv.pdf", huge_page),
    ("many objects", "cv.pdf", many_objects),
    ("a billion pages claimed", "cv.pdf", claimed_pages),
    ("noise after the end of a PDF", "cv.pdf", lambda: _page_with(_said()) + random_bytes(500)),
    ("noise before a PDF", "cv.pdf", lambda: b"\x00junk\n" + _page_with(_said())),
    ("archives in archives", "cv.docx", nested_bomb),
    ("styles in a circle", "cv.docx", styles_in_a_circle),
    (
        "a template far away",
        "cv.docx",
        lambda: word.bare(
            word.paragraph(SENTENCE),
            relations=word.relation("r1", "attachedTemplate", "http://127.0.0.1:9/t", "External"),
        ),
    ),
    ("an object in an RTF", "cv.rtf", lambda: rtf_with_object("Equation.3")),
    ("an RTF that never ends", "cv.rtf", lambda: b"{\\rtf1 " + SENTENCE.encode() + b"\\par {\\b unfinished"),
    ("an RTF with more ends than beginnings", "cv.rtf", lambda: b"{\\rtf1 " + SENTENCE.encode() + b"}}}}"),
    ("bytes that an RTF claims", "cv.rtf", lambda: b"{\\rtf1 " + SENTENCE.encode() + b"\\par\\bin999999999 rest}"),
    (
        "scripts and styles",
        "cv.html",
        lambda: (
            b"<html><style>.x{}</style><script>unseen()</script><p>"
            + SENTENCE.encode()
            + b"<noscript>unseen</noscript>"
        ),
    ),
    ("HTML that never closes", "cv.html", lambda: b"<html><body><p><b><i>" + SENTENCE.encode()),
    ("zeros in a text", "cv.txt", lambda: (SENTENCE + " and more").encode() * 30 + b"\x00" + SENTENCE.encode()),
    ("ten megabytes of one line", "cv.txt", lambda: _line(10_000_000)),
    ("five megabytes of one word", "cv.txt", lambda: SENTENCE.encode() + b"\n" + b"x" * 5_000_000),
    ("five megabytes of one HTML line", "cv.html", lambda: b"<html><p>" + _line(5_000_000)),
    ("two megabytes of one Markdown line", "cv.md", lambda: _line(2_000_000)),
    ("two megabytes of one RTF line", "cv.rtf", lambda: b"{\\rtf1 " + _line(2_000_000) + b"}"),
    ("two hundred thousand letters on a page", "cv.pdf", lambda: many_characters(200)),
    ("a text that begins like a picture", "cv.txt", lambda: b"BMW AG, Munich\n" + SENTENCE.encode()),
    ("a text that begins like a program", "cv.txt", lambda: b"MZ Consulting\n" + SENTENCE.encode()),
    ("a text that begins like a recording", "cv.txt", lambda: b"ID3 tags and other standards\n" + SENTENCE.encode()),
    ("a hundred thousand empty lines", "cv.txt", lambda: b"\n" * 100_000 + SENTENCE.encode()),
    (
        "a list nested two hundred deep",
        "cv.md",
        lambda: SENTENCE.encode() + b"\n\n" + b"".join(b" " * n + b"- x\n" for n in range(200)),
    ),
    ("HTML in all its tables", "cv.html", lambda: b"<html>" + b"<table><tr><td>" * 50 + SENTENCE.encode()),
    ("text as one would write it", "cv.txt", lambda: texts.plain(resume("en")) + b"\n" + SENTENCE.encode()),
)
"""What it is, its name and how it is made; each says SENTENCE, and none says `unseen`."""
