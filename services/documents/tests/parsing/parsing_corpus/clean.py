"""The files that anybody could upload, and what they say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from contracts.vocabulary.document import MediaType
from documents.parsed import Block

from parsing_corpus import opendocument, pdf_fpdf2, pdf_matplotlib, pdf_reportlab, pdf_typst, texts, word
from parsing_corpus.sources import columns, resume

HEADER = "Curriculum vitae of a very patient person"
FOOTER = "Confidential, for the hiring team only"
SIDE = (4, 5)
"""The sections of the English résumé that stand in a sidebar: skills and interests."""


@dataclass(frozen=True)
class Clean:
    """A file, what it says in reading order, and who makes it. `columns`: what stands together in it."""

    name: str
    producer: str
    media_type: MediaType
    build: Callable[[], bytes]
    blocks: tuple[Block, ...]
    columns: tuple[tuple[Block, ...], ...] = ()
    language: str = "en"

    @cached_property
    def data(self) -> bytes:
        return self.build()

    @property
    def filename(self) -> str:
        return f"{self.name}.{'md' if self.media_type == 'markdown' else 'bin'}"


def _said(text: str) -> Block:
    return Block(kind="paragraph", text=text)


def _long(language: str, times: int) -> tuple[Block, ...]:
    """Enough text for many pages, with each repetition told from the others."""
    return tuple(
        block.model_copy(update={"text": f"{block.text} {number}"} if block.kind == "paragraph" else {})
        for number in range(times)
        for block in resume(language)
    )


def _typst_flowing(language: str) -> Clean:
    left, right = columns(language, (0, 1, 2))
    build = partial(pdf_typst.two_columns, left, right, language)
    return Clean(f"typst-two-columns-{language}", "Typst", "pdf", build, (*left, *right), (left, right), language)


def _reportlab() -> list[Clean]:
    files = [
        Clean(
            f"reportlab-{language}",
            "ReportLab",
            "pdf",
            partial(pdf_reportlab.single, resume(language), language),
            resume(language),
            language=language,
        )
        for language in ("en", "de", "es", "pl", "ru", "el", "zh", "ja", "ko")
    ]
    for language, share in (("en", 0.5), ("de", 0.42), ("ru", 0.5), ("ja", 0.5)):
        left, right = columns(language, (0, 3, 4) if share < 0.5 else (0, 1, 2))
        build = partial(pdf_reportlab.two_columns, left, right, language, share)
        files.append(
            Clean(
                f"reportlab-two-columns-{language}", "ReportLab", "pdf", build, (*left, *right), (left, right), language
            )
        )
    long = _long("en", 4)
    files.append(
        Clean(
            "reportlab-margins",
            "ReportLab",
            "pdf",
            partial(pdf_reportlab.with_margins, long, "en", HEADER, FOOTER),
            (_said(HEADER), *long, _said(FOOTER)),
        )
    )
    rows = tuple(block for block in resume("fr") if block.kind == "row")
    files.append(
        Clean(
            "reportlab-table", "ReportLab", "pdf", partial(pdf_reportlab.ruled_table, rows, "fr"), rows, language="fr"
        )
    )
    return files


def _fpdf2() -> list[Clean]:
    files = [
        Clean(
            f"fpdf2-{language}",
            "fpdf2",
            "pdf",
            partial(pdf_fpdf2.single, resume(language), language),
            resume(language),
            language=language,
        )
        for language in ("en", "de", "fr", "tr", "ru", "ar", "he")
    ]
    for language, side in (("en", SIDE), ("es", (3, 4)), ("pl", (3, 4))):
        left, right = columns(language, side)
        build = partial(pdf_fpdf2.sidebar, left, right, language)
        files.append(
            Clean(f"fpdf2-sidebar-{language}", "fpdf2", "pdf", build, (*left, *right), (left, right), language)
        )
    long = _long("fr", 5)
    files.append(
        Clean(
            "fpdf2-margins",
            "fpdf2",
            "pdf",
            partial(pdf_fpdf2.with_margins, long, "fr", HEADER, FOOTER),
            (_said(HEADER), *long, _said(FOOTER)),
            language="fr",
        )
    )
    rows = tuple(block for block in resume("en") if block.kind == "row")
    files.append(Clean("fpdf2-table", "fpdf2", "pdf", partial(pdf_fpdf2.table, rows), rows))
    return files


def _matplotlib() -> list[Clean]:
    return [
        Clean(
            f"matplotlib-{language}-type{fonts}",
            "Matplotlib",
            "pdf",
            partial(pdf_matplotlib.single, resume(language), fonts=fonts),
            resume(language),
            language=language,
        )
        for language, fonts in (("en", 3), ("de", 42), ("el", 3), ("tr", 42))
    ]


def _typst() -> list[Clean]:
    files = [
        Clean(
            f"typst-{language}",
            "Typst",
            "pdf",
            partial(pdf_typst.single, resume(language), language),
            resume(language),
            language=language,
        )
        for language in ("en", "es", "fr", "pl", "ru", "tr", "ar", "he")
    ]
    files += [
        Clean(
            f"typst-justified-{language}",
            "Typst",
            "pdf",
            partial(pdf_typst.single, resume(language), language, justify=True),
            resume(language),
            language=language,
        )
        for language in ("en", "de")
    ]
    files += [_typst_flowing(language) for language in ("en", "fr")]
    side, main = columns("en", SIDE)
    files.append(
        Clean(
            "typst-sidebar",
            "Typst",
            "pdf",
            partial(pdf_typst.sidebar, main[2:], side, "en", main[:2]),
            (*main, *side),
            (main[2:], side),
        )
    )
    long = _long("de", 3)
    files.append(
        Clean(
            "typst-margins",
            "Typst",
            "pdf",
            partial(pdf_typst.with_margins, long, "de", HEADER, FOOTER),
            (_said(HEADER), *long, _said(FOOTER)),
            language="de",
        )
    )
    return files


def _word() -> list[Clean]:
    files = [
        Clean(
            f"docx-{language}",
            "python-docx",
            "docx",
            partial(word.by_python_docx, resume(language)),
            resume(language),
            language=language,
        )
        for language in ("en", "hi", "ar", "zh", "ko")
    ]
    blocks = resume("de")
    build = partial(word.by_python_docx, blocks, HEADER, FOOTER)
    files.append(
        Clean("docx-margins", "python-docx", "docx", build, (_said(HEADER), *blocks, _said(FOOTER)), language="de")
    )
    side, main = columns("fr", (3, 4))
    files.append(
        Clean(
            "docx-sidebar", "python-docx", "docx", partial(word.sidebar, side, main), (*side, *main), (side, main), "fr"
        )
    )
    return files


def _opendocument() -> list[Clean]:
    files = [
        Clean(
            f"odt-{language}",
            "OpenDocument",
            "odt",
            partial(opendocument.document, resume(language)),
            resume(language),
            language=language,
        )
        for language in ("en", "he", "ko", "hi")
    ]
    build = partial(opendocument.document, resume("pl"), HEADER, FOOTER)
    files.append(
        Clean("odt-margins", "OpenDocument", "odt", build, (_said(HEADER), *resume("pl"), _said(FOOTER)), language="pl")
    )
    return files


def _html() -> list[Clean]:
    charsets = (
        ("en", "utf-8", True),
        ("hi", "utf-8", True),
        ("fr", "windows-1252", True),
        ("ja", "shift_jis", True),
        ("ru", "windows-1251", False),
        ("ar", "utf-8", False),
    )
    return [
        Clean(
            f"html-{language}-{charset}",
            "HTML",
            "html",
            partial(texts.html, resume(language), language, charset=charset, declared=declared),
            resume(language),
            language=language,
        )
        for language, charset, declared in charsets
    ]


def _rtf() -> list[Clean]:
    pages: tuple[tuple[str, int | None, int], ...] = (
        ("en", 1252, 0), ("de", 1252, 0), ("ru", 1251, 204), ("zh", 936, 134), ("ja", 932, 128), ("hi", None, 0),
        ("he", 1255, 177),
    )  # fmt: skip
    return [
        Clean(
            f"rtf-{language}",
            "RTF",
            "rtf",
            partial(texts.rtf, resume(language), codepage=page, charset=charset),
            resume(language),
            language=language,
        )
        for language, page, charset in pages
    ]


def _markdown() -> list[Clean]:
    return [
        Clean(
            f"markdown-{language}",
            "Markdown",
            "markdown",
            partial(texts.markdown, resume(language)),
            resume(language),
            language=language,
        )
        for language in ("en", "es", "zh")
    ]


CHARSETS = (
    ("en", "ascii"), ("fr", "utf-8"), ("es", "utf-8-sig"), ("el", "utf-16"), ("de", "utf-16-le"), ("pl", "utf-16-be"),
    ("ru", "utf-32"), ("de", "windows-1252"), ("es", "windows-1252"), ("pl", "windows-1250"), ("ru", "windows-1251"),
    ("ru", "koi8-r"), ("el", "windows-1253"), ("tr", "windows-1254"), ("he", "windows-1255"), ("ar", "windows-1256"),
    ("ja", "shift_jis"), ("ja", "euc-jp"), ("ja", "iso2022_jp"), ("zh", "gb18030"), ("ko", "euc-kr"), ("hi", "utf-8"),
    ("fr", "mac-roman"),
)  # fmt: skip


def _text() -> list[Clean]:
    files = [_text_file(language, charset) for language, charset in CHARSETS]
    build = partial(texts.plain, resume("en"), width=72, newline="\r\n")
    return [*files, Clean("text-wrapped", "text", "text", build, resume("en"))]


def _text_file(language: str, charset: str) -> Clean:
    """What a charset has no characters for is written without them, as people's editors do."""
    blocks = tuple(block.model_copy(update={"text": _spelt(block.text, charset)}) for block in resume(language))
    return Clean(
        f"text-{language}-{charset}", "text", "text", partial(texts.plain, blocks, charset), blocks, language=language
    )


def _spelt(text: str, charset: str) -> str:
    plainer = {"–": "-", "·": "|", "־": "-", "’": "'", "₹": "Rs"}
    return "".join(char if _has(charset, char) else plainer.get(char, "?") for char in text)


def _has(charset: str, char: str) -> bool:
    try:
        char.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


def _all() -> Sequence[Clean]:
    return [
        *_reportlab(),
        *_fpdf2(),
        *_matplotlib(),
        *_typst(),
        *_word(),
        *_opendocument(),
        *_html(),
        *_rtf(),
        *_markdown(),
        *_text(),
    ]


CLEAN = tuple(_all())
