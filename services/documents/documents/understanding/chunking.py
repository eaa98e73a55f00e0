"""Documents in pieces that can be searched and asked about: sections, entries in them, and points under entries."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from contracts.documents.understanding import MAX_CHUNK, Chunk, ChunkType
from contracts.vocabulary.document import DocumentKind

from documents.parsed import Block, Parsed
from documents.understanding.sections import Entry, Section, sections_of
from documents.understanding.skills import mentions_in, shares_of
from documents.understanding.taxonomy import KnownSkill

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=\S)|(?<=[。！？।；])")  # noqa: RUF001
_ABBREVIATION = re.compile(
    r"(?:\b[^\W\d_]|\b(?:e\.g|i\.e|z\.B|etc|Inc|Ltd|Co|Corp|St|Dr|Mr|Mrs|Ms|Prof|bzw|ca|vs|No|Nr|p\.ej|approx|Sr|Jr))\.$"
)


@dataclass(frozen=True)
class Line:
    """A block of a section."""

    text: str
    section: str
    block: Block
    entry: Entry | None = None
    is_point: bool = False
    """Of the body of an entry."""


def lines_of(blocks: Sequence[Block], section: Section) -> Iterator[Line]:
    """The lines of a section after its heading."""
    by_block = {place: entry for entry in section.entries for place in range(entry.start, entry.end)}
    for place in range(section.body, section.end):
        entry = by_block.get(place)
        yield Line(blocks[place].text, section.name, blocks[place], entry, entry is not None and place >= entry.body)


def chunks_of(parsed: Parsed, kind: DocumentKind) -> tuple[Chunk, ...]:
    """The pieces of a document in reading order; together they have all of its text."""
    made: list[Chunk] = []
    for section in sections_of(parsed, kind):
        for chunk_type, entry_index, texts in _pieces(parsed.blocks, section):
            for text in _fitting(texts):
                made.append(_chunk(len(made), section.name, chunk_type, entry_index, text))
    return tuple(made)


Piece = tuple[ChunkType, int | None, list[str]]


def _pieces(blocks: Sequence[Block], section: Section) -> Iterator[Piece]:
    first = section.entries[0].start if section.entries else section.end
    opening = [blocks[place].text for place in range(section.start, first)]
    if not section.entries or first > section.body:
        yield "section", None, opening
        opening = []
    for number, entry in enumerate(section.entries):
        yield "entry", number, [*opening, *(blocks[place].text for place in range(entry.start, entry.body))]
        opening = []
        for place in range(entry.body, entry.end):
            yield "point", number, [blocks[place].text]


def _fitting(texts: Sequence[str]) -> Iterator[str]:
    """The lines, as many to a chunk as fit; a line that does not fit is parted at sentences."""
    room: list[str] = []
    size = 0
    for text in texts:
        for part in [text] if len(text) <= MAX_CHUNK else _parted(text):
            if room and size + len(part) + 1 > MAX_CHUNK:
                yield "\n".join(room)
                room, size = [], 0
            if part.strip():
                room.append(part)
                size += len(part) + 1
    if room:
        yield "\n".join(room)


def _parted(text: str) -> Iterator[str]:
    """As many sentences as fit; a sentence that does not is cut at a space."""
    room = ""
    for sentence in _spans(text):
        if len(room) + len(sentence) > MAX_CHUNK and room:
            yield room.strip()
            room = ""
        room += sentence
        while len(room) > MAX_CHUNK:
            cut = room.rfind(" ", 1, MAX_CHUNK) + 1 or MAX_CHUNK
            yield room[:cut].strip()
            room = room[cut:]
    if room.strip():
        yield room.strip()


def _spans(text: str) -> Iterator[str]:
    """The sentences with the space after them."""
    start = 0
    for found in _SENTENCE.finditer(text):
        if _ABBREVIATION.search(text[max(start, found.start() - 12) : found.start()]):
            continue
        yield text[start : found.end()]
        start = found.end()
    yield text[start:]


def sentences_of(text: str) -> list[str]:
    """The sentences of a text, verbatim; one that is too long for a chunk is cut at a space."""
    found: list[str] = []
    for sentence in _spans(text):
        found += _cut(sentence.strip())
    return found


def _cut(text: str) -> list[str]:
    parts: list[str] = []
    while len(text) > MAX_CHUNK:
        cut = text.rfind(" ", 1, MAX_CHUNK) + 1 or MAX_CHUNK
        parts.append(text[:cut].strip())
        text = text[cut:].strip()
    return [part for part in [*parts, text] if part]


def _chunk(index: int, section: str, chunk_type: ChunkType, entry_index: int | None, text: str) -> Chunk:
    counted: Counter[KnownSkill] = Counter()
    for line in text.split("\n"):
        counted.update(mention.skill for mention in mentions_in(line, section))
    domains = tuple(shares_of(iter(counted.items())))
    return Chunk(
        chunk_index=index,
        parent_section=section,
        chunk_type=chunk_type,
        entry_index=entry_index,
        text=text,
        domains=domains,
        primary_domain=domains[0] if domains else None,
    )
