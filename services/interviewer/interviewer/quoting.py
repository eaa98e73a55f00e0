"""What of a piece of a document can be quoted: lines, tools, and the heads of jobs. Never contacts, orders to a
program, or private life."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contracts.documents.understanding import Chunk
from parley_text.injection import READ_ALOUD, speaks
from parley_text.private import private_at
from parley_text.sentences import QUESTION_MARKS

from interviewer import conduct
from interviewer.claims import number_in, technologies_in, tidy
from interviewer.documents import MAX_QUOTE, is_contact, lines_of, without_bullet
from interviewer.headings import without_headings
from interviewer.tracing import is_unspaced

_MAX_TOOLS = 6
_MIN_LINE, _MAX_LINE = 12, 400
_MIN_WORDS = 4
_MAX_HEAD = 90
_MAX_HEADS = 300
"""Characters in which the head of an entry has to stand."""
_MAX_UNSPACED = 48

UNSPEAKABLE = re.compile(f"[{QUESTION_MARKS}\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""Marks of questions, of direction and of control, which must never get into the interviewer's own words."""
_CLAUSES = re.compile(r"[，、,]")  # noqa: RUF001
_SHARE = re.compile(
    r"\d\s?(?:%|٪|percent|prozent|por ciento|pour cent|प्रतिशत|فی صد)|百分之|\d\s?倍",
    re.IGNORECASE,
)
_OF_ORIGIN = re.compile(
    r"\b(?:i(?:['’]m| am| have) (?:[1-7]\d|\w+teen|(?:twenty|thirty|forty|fifty|sixty)(?:[- ]\w+)?)"  # noqa: RUF001
    r"(?: years)?(?= old|,| in |$)"
    r"|i grew up"
    r"|nationality|born|geboren|staatsangehörigkeit|nacid[oa]|nacionalidad|née?|nationalité)\b"
    r"|जन्म|国籍|出生",
    re.IGNORECASE,
)
_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|january|february|march|april|june|july|august|september"
    r"|october|november|december|januar|februar|märz|mai|juni|juli|oktober|dezember|okt|dez|enero|febrero|marzo|abril"
    r"|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|janvier|février|mars|avril|juin|juillet|août"
    r"|septembre|octobre|novembre|décembre|जनवरी|फ़रवरी|मार्च|अप्रैल|मई|जून|जुलाई|अगस्त|सितंबर|अक्टूबर|नवंबर|दिसंबर)"
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_ABOUT_A_DATE = (
    r"(?:since|expected|seit|desde|depuis|spring|summer|autumn|fall|winter|frühjahr|sommer|herbst|primavera|verano|été)"
)
_BEFORE_A_DATE = re.compile(
    rf"(?:[\s(\[,;:|/.–—-]|(?<!\d)\d{{1,2}}(?=\W|$)|(?<!\w){_MONTH}(?:\s+de)?\b|(?<!\w){_ABOUT_A_DATE}\b)+$",  # noqa: RUF001
    re.IGNORECASE,
)
_AFTER_A_DATE = re.compile(
    rf"^(?:[\s)\],;:|/.~–—-]|\d{{1,2}}(?!\d)|{_MONTH}\b|[年月]|至今|现在|(?:present|today|now|current|heute|jetzt"  # noqa: RUF001
    r"|actualidad|presente|hoy|aujourd'hui|présent|वर्तमान|अब तक|अब)(?!\w))+",
    re.IGNORECASE,
)
_BREAKS = re.compile(r"\s*[\n\r\t|•·]+\s*")


def is_measured(line: str) -> bool:
    """Whether it has a figure that one can ask about."""
    return bool(number_in(line) or _SHARE.search(line))


def tools_in(text: str) -> list[str]:
    """The technologies that a piece names."""
    return technologies_in("\n".join(filter(is_harmless, text.splitlines())))[:_MAX_TOOLS]


def lines_in(text: str) -> Iterator[str]:
    """The lines of a piece that can be quoted, whole."""
    for line in without_headings(text).splitlines():
        for at, part in enumerate(map(without_bullet, lines_of(line))):
            goes_on = at > 0 and part[:1].islower()  # "...; halved the costs": nobody begins a quotation there
            if not goes_on and _is_quotable(part):
                yield part


def _is_quotable(line: str) -> bool:
    long_enough = _MIN_LINE if not is_unspaced(line) else _MIN_LINE // 2
    if not long_enough <= len(line) <= _MAX_LINE or conduct.count(line) < _MIN_WORDS:
        return False
    return not UNSPEAKABLE.search(line) and is_harmless(line)


def is_harmless(text: str) -> bool:
    """Whether it is nothing that an interviewer must not read out: contacts, private life, or orders to a program."""
    return not (is_contact(text) or private_at(text) is not None or _OF_ORIGIN.search(text) or speaks(text, READ_ALOUD))


def clipped(line: str) -> str:
    """The beginning of a line as it fits into a question."""
    if is_unspaced(line):
        return line if len(line) <= _MAX_UNSPACED else _whole_clauses(line, _MAX_UNSPACED)
    return line if len(line) <= MAX_QUOTE else tidy(_whole_clauses(line, MAX_QUOTE))


def _whole_clauses(line: str, most: int) -> str:
    ends = [match.start() for match in _CLAUSES.finditer(line) if most // 3 <= match.start() <= most]
    if ends:
        return line[: ends[-1]]
    begin = line[: most + 1]
    return begin.rsplit(" ", 1)[0].rstrip(" ,;:") if " " in begin[most // 2 :] else line[:most]


def head_of(chunk: Chunk) -> str:
    """The line that heads a job or a school, without its dates; empty where it cannot be quoted."""
    text = without_headings(chunk.text[:_MAX_HEADS], opens=chunk.entry_index == 0)
    years = [*_YEAR.finditer(text)]
    before = _BEFORE_A_DATE.sub("", text[: years[0].start()]) if years else text
    after = _AFTER_A_DATE.sub("", text[years[-1].end() :]) if years else ""
    words = before if len(before.strip()) > 2 else after
    parts = [part for part in _BREAKS.split(without_bullet(words.strip())) if part.strip(" -–—,")]  # noqa: RUF001
    head = ", ".join(part.strip(" ,;:-–—(") for part in parts[:2])  # noqa: RUF001
    head = tidy(head)
    short = 2 < len(head) <= _MAX_HEAD
    return head if short and not UNSPEAKABLE.search(head) and is_harmless(head) else ""
