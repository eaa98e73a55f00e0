"""Tells the type of a file from its content."""

from __future__ import annotations

import re
from pathlib import PurePath

from contracts.vocabulary.document import MediaType

from documents.parsing.archive import Archive
from documents.parsing.charsets import decoded
from documents.parsing.errors import Unreadable, empty

_HEAD = 4096
"""Bytes that are enough to tell most types."""
_SUPPORTED = "Please upload a PDF, Word (.docx), OpenDocument (.odt), RTF, HTML, Markdown or text file."
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_OFFICE = "EncryptedPackage".encode("utf-16-le")
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"BM", "a picture"),
    (b"II*\x00", "a picture"),
    (b"MM\x00*", "a picture"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"\x1f\x8b", "a packed file"),
    (b"7z\xbc\xaf\x27\x1c", "a packed file"),
    (b"Rar!", "a packed file"),
    (b"BZh", "a packed file"),
    (b"\xfd7zXZ\x00", "a packed file"),
    (b"wOFF", "a font"),
    (b"OggS", "a recording"),
    (b"ID3", "a recording"),
    (b"fLaC", "a recording"),
    (b"RIFF", "a picture or a recording"),
)
"""What begins like this and is not text; texts may begin with any of these letters."""
_OTHER_TEXTS: tuple[tuple[bytes, str], ...] = ((b"#!/", "a program"), (b"%!PS", "PostScript"))
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|meta|title|div|p|h[1-6]|table|section|article)\b",
    re.IGNORECASE | re.DOTALL,
)
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_WORD_TEMPLATE = "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"
_ODT = "application/vnd.oasis.opendocument.text"
_MARKDOWN_NAMES = {".md", ".markdown", ".mdown", ".mkd"}


def sniff(data: bytes, filename: str) -> MediaType:
    """The type of a file. Its name only decides between plain text and Markdown.

    Raises Unreadable: `empty`, `encrypted` for an Office file with a password, `broken` for a damaged archive,
    `unsupported` for everything else.
    """
    if not data.strip(b"\x00\t\n\r\f\v "):
        raise empty()
    head = data[:_HEAD]
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"{\\rtf"):
        return "rtf"
    if head.startswith(b"PK"):
        return _sniff_archive(data)
    if head.startswith(_OLE):
        raise _old_office(data)
    return _sniff_text(data, filename)


def _sniff_archive(data: bytes) -> MediaType:
    with Archive(data) as archive:
        types = archive.text("[Content_Types].xml")
        if _WORD in types or _WORD_TEMPLATE in types:
            return "docx"
        if "wordprocessingml" in types or "ms-word" in types:
            raise _unsupported("a Word file with macros", "Please save it as .docx without macros.")
        if archive.text("mimetype").strip() == _ODT:
            return "odt"
    raise _unsupported("a packed file or of another program")


def _old_office(data: bytes) -> Unreadable:
    if _ENCRYPTED_OFFICE in data:
        return Unreadable("encrypted", "This file is protected by a password. Please save it without one.")
    return _unsupported("of an old Office format", "Please save it as .docx or PDF and upload that.")


def _sniff_text(data: bytes, filename: str) -> MediaType:
    text = decoded(data[: _HEAD * 16])
    if text is None:
        raise _unsupported(_binary(data))
    for start, name in _OTHER_TEXTS:
        if data.startswith(start):
            raise _unsupported(name)
    if _HTML.match(text[:_HEAD].lstrip("\ufeff").encode("utf-8", "replace")):
        return "html"
    if text.lstrip("\ufeff \n").startswith("<?xml"):
        raise _unsupported("XML of another kind")
    return "markdown" if PurePath(filename).suffix.lower() in _MARKDOWN_NAMES else "text"


def _binary(data: bytes) -> str:
    if data[4:8] == b"ftyp":
        return "a picture or a recording"
    return next((name for start, name in _OTHERS if data.startswith(start)), "not a document")


def _unsupported(what: str, advice: str = _SUPPORTED) -> Unreadable:
    return Unreadable("unsupported", f"This file is {what}, which cannot be read. {advice}")
