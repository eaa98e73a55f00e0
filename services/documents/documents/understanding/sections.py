"""The sections of a document, and the entries in them: jobs, schools and projects."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from contracts.vocabulary.document import DocumentKind

from documents.parsed import Block, Parsed
from documents.understanding.dates import DateRange, range_in, without_dates
from documents.understanding.headings import Heading, heading_in, is_document_title
from documents.understanding.skills import mentions_in
from documents.understanding.spoken import spoken_in
from documents.understanding.titles import is_title
from documents.understanding.wordlists import has_cjk

WITH_ENTRIES = frozenset(("experience", "education", "projects", "volunteering"))
_STAYS_IN = frozenset(("experience", "projects", "skills", "volunteering"))
"""Where a line such as "Languages: Go, Rust" is a label and opens nothing."""
_HEAD_WORDS = 14
_HEAD_LINES = 3
_SHORT_FORM = re.compile(r"\b(?:Inc|Ltd|Co|Corp|S\.L|S\.A|e\.V|GmbH|LLC|Jr|Sr|St|Univ|Dept|a\.D|S\.p\.A|H\.P)\.$")
_SENTENCE_END = (".", "!", "。", "！", "।", ";")  # noqa: RUF001
_PARTS = re.compile(
    r"\t|\s{1,4}[|•·–—@/-]\s|[,;]\s|[，、；]|(?<=[\u3040-\u9fff]),|\s(?=\()|:\s|\s(?:at|bei|beim|chez)\s",  # noqa: RUF001
    re.IGNORECASE,
)
_COMPANY_FORM = re.compile(r"(?:inc|ltd|llc|gmbh|corp|co|plc|ag|sa|s\.a|s\.l|b\.?v|limited)\.?", re.IGNORECASE)


@dataclass(frozen=True)
class Entry:
    """A job, a school or a project: the blocks from `start` are its head, those from `body` to `end` its points."""

    title: str | None
    employer: str | None
    dates: DateRange | None
    start: int
    body: int
    end: int


@dataclass(frozen=True)
class Section:
    """The blocks from `start` to `end`, the heading's included. The first section may have no heading."""

    name: str
    heading: str | None
    start: int
    end: int
    entries: tuple[Entry, ...] = ()

    @property
    def body(self) -> int:
        """The first block after the heading."""
        return self.start + (self.heading is not None)


def sections_of(parsed: Parsed, kind: DocumentKind = "resume") -> tuple[Section, ...]:
    """The sections in order. What stands before the first heading is `header`; without blocks there are none."""
    blocks = parsed.blocks
    if not blocks:
        return ()
    marks: list[tuple[int, str, bool]] = []
    for place, block in enumerate(blocks):
        current = marks[-1][1] if marks else "header"
        found = None if place == 0 and is_document_title(block.text) else heading_in(block, kind)
        if found and marks and _is_within_job(blocks, marks[-1], block, found):
            continue
        if found and found.name == "languages" and current == "skills" and _of_programs(blocks[place : place + 2]):
            continue
        if found and not (found.inline and _is_label(found, current, kind)):
            marks.append((place, found.name, not found.inline))
        elif kind == "resume" and _opens_unknown(blocks, place, marks):
            marks.append((place, "other", True))
    if not marks or marks[0][0] > 0:
        marks.insert(0, (0, "header", False))
    ends = [place for place, _, _ in marks[1:]] + [len(blocks)]
    return tuple(
        _section(blocks, name, place, end, headed, kind) for (place, name, headed), end in zip(marks, ends, strict=True)
    )


def _is_within_job(blocks: Sequence[Block], above: tuple[int, str, bool], block: Block, heading: Heading) -> bool:
    """ "Achievements:" under a job, set in another way than the heading of the jobs was."""
    place, name, headed = above
    if name != "experience" or heading.name != "awards" or not headed:
        return False
    return _manner(blocks[place]) != _manner(block)


def _of_programs(blocks: Sequence[Block]) -> bool:
    """ "Languages", and then Python and Go."""
    text = blocks[-1].text
    return len(blocks) == 2 and bool(mentions_in(text, "skills")) and not spoken_in(text)


def _manner(block: Block) -> tuple[bool, bool, bool]:
    """How a heading is set."""
    text = block.text.rstrip()
    return block.kind == "heading", text.endswith((":", "：")), text.isupper()  # noqa: RUF001


def _is_label(heading: Heading, current: str, kind: DocumentKind) -> bool:
    if kind == "job_description":
        return heading.name in (current, "requirements", "application")
    return current in _STAYS_IN or heading.name == current or heading.name in ("experience", "header", "projects")


def _opens_unknown(blocks: Sequence[Block], place: int, marks: Sequence[tuple[int, str, bool]]) -> bool:
    """A heading that no list knows, as high as that of the section before it, and no entry of it."""
    block = blocks[place]
    if block.kind != "heading" or block.level is None or not marks or marks[-1][1] == "projects":
        return False
    above = blocks[marks[-1][0]]
    if above.kind != "heading" or above.level is None or block.level > above.level:
        return False
    following = blocks[place : place + _HEAD_LINES]
    return not is_title(block.text) and not any(range_in(each.text) for each in following)


def _section(blocks: Sequence[Block], name: str, start: int, end: int, headed: bool, kind: DocumentKind) -> Section:
    heading = blocks[start].text if headed else None
    entries: tuple[Entry, ...] = ()
    if kind == "resume" and name in WITH_ENTRIES:
        entries = _entries(blocks, name, start + headed, end)
    return Section(name, heading, start, end, entries)


def _entries(blocks: Sequence[Block], name: str, start: int, end: int) -> tuple[Entry, ...]:
    dated = [place for place in range(start, end) if _is_dated(blocks[place])]
    if not dated:
        dated = [place for place in range(start, end) if _is_dated_item(blocks[place])]
    starts = set(_dated_starts(blocks, dated, start)) | set(_undated_starts(blocks, name, start, end, dated))
    ordered = sorted(starts)
    ends = [*ordered[1:], end]  # one too many where there is no entry
    return tuple(_entry(blocks, first, last, name) for first, last in zip(ordered, ends, strict=False))


def _dated_starts(blocks: Sequence[Block], dated: Sequence[int], start: int) -> list[int]:
    """Each entry has a line with dates; how many lines of its head stand before it, the first entry shows."""
    starts: list[int] = []
    usual = 0
    for number, place in enumerate(dated):
        floor = dated[number - 1] + 1 if number else start
        above = 0
        while above < _HEAD_LINES and place - above > floor and _is_head(blocks[place - above - 1]):
            above += 1
        if number == 0:
            usual = above
        elif place - above == floor:
            # Nothing but head lines since the last dates: some of them belong to the entry before.
            above = min(above, usual)
        starts.append(place - above)
    return starts


def _undated_starts(blocks: Sequence[Block], name: str, start: int, end: int, dated: Sequence[int]) -> list[int]:
    """Entries without dates begin with a heading, or with a line that points follow."""
    starts: list[int] = []
    for place in range(start, end):
        if not _is_head(blocks[place]) or (place > start and _is_head(blocks[place - 1])):
            continue
        after = place
        while after < end and _is_head(blocks[after]):
            after += 1
        has_dates = any(place <= each <= after for each in dated)
        loose = name == "projects" or not dated
        if has_dates or after - place > _HEAD_LINES or after == end:
            continue
        if blocks[place].kind == "heading" or (loose and after < end):
            starts.append(place)
    return starts


def _entry(blocks: Sequence[Block], start: int, end: int, name: str) -> Entry:
    body = start
    while body < end and (_is_head(blocks[body]) or body == start):
        body += 1
    head = [block.text for block in blocks[start:body]]
    dates = next((found for text in head if (found := range_in(text))), None)
    title, employer = _title_and_employer(head, name)
    return Entry(title, employer, dates, start, body, end)


def _title_and_employer(head: Sequence[str], name: str) -> tuple[str | None, str | None]:
    parts = [part for text in head for part in parts_of(without_dates(text))]
    if not parts:
        return None, None
    titled = next((part for part in parts if is_title(part)), None) if name == "experience" else None
    title = titled or parts[0]
    return title, next((part for part in parts if part != title), None)


def parts_of(line: str) -> list[str]:
    """The parts of the head of an entry, as commas, dashes, tabs and the like part them."""
    pieces = _PARTS.split(line)
    if len(pieces) == 1 and has_cjk(line):
        pieces = line.split()
    parts: list[str] = []
    for piece in (each.strip(" \t|•·–—-,:：()") for each in pieces):  # noqa: RUF001
        if parts and _COMPANY_FORM.fullmatch(piece):
            continue
        if any(letter.isalnum() for letter in piece):
            parts.append(piece)
    return parts


def _is_dated(block: Block) -> bool:
    if block.kind == "item":
        return False
    found = range_in(block.text)
    if found is None or (found.single and block.text.rstrip().endswith(_SENTENCE_END)):
        return False
    words_left = len(without_dates(block.text).split())
    return words_left <= (_HEAD_WORDS // 2 if found.single else _HEAD_WORDS)


def _is_dated_item(block: Block) -> bool:
    found = range_in(block.text)
    return found is not None and not found.single and len(block.text.split()) <= _HEAD_WORDS + 4


def _is_head(block: Block) -> bool:
    """Whether a line can be of the head of an entry: no item, no sentence."""
    if block.kind in ("heading", "row"):
        return True
    if block.kind == "item":
        return False
    text = block.text.rstrip()
    if _is_dated(block):
        return True
    if text.endswith(_SENTENCE_END) and not _SHORT_FORM.search(text):
        return len(text.split()) < 3 and not has_cjk(text)
    return len(text.split()) <= _HEAD_WORDS and len(text) <= 110
