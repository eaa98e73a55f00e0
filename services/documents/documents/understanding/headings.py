"""Which lines are headings of sections, and of which."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from contracts.vocabulary.document import DocumentKind

from documents.parsed import Block
from documents.understanding.wordlists import has_cjk, words

MOST_WORDS = 8
"""A line with more words is no heading, whatever it says."""
_LONGEST = 80
"""Characters of the longest heading."""
_EDGES = " \t:：-–—•·*#_|=.…>»«‹›◆■□●▪▶►()[]【】?？!"  # noqa: RUF001
_NUMBER = re.compile(r"^(?:\d{1,2}|[IVX]{1,4}|[一二三四五六七八九十])[.)、]\s*")
_SPACED = re.compile(r"(?:\w\s){2,}\w")
_LABEL = re.compile(r"(?P<label>[^:：]{2,40}?)\s*[:：]\s*(?P<rest>\S.*)", re.DOTALL)  # noqa: RUF001


@dataclass(frozen=True)
class Heading:
    """The section that a line opens. `inline`: what the section says begins on the same line."""

    name: str
    inline: bool = False


def heading_in(block: Block, kind: DocumentKind) -> Heading | None:
    """The section that a block opens; None for anything else, items of lists among it."""
    if block.kind == "item":
        return None
    if block.kind == "row":
        first, _, rest = block.text.partition("\t")
        name = _named(first, kind)
        return Heading(name, inline=bool(rest.strip())) if name else None
    name = _named(block.text, kind) or _by_parts(block, kind) or _by_ending(block, kind)
    if name:
        return Heading(name)
    label = _LABEL.fullmatch(block.text)
    inline = label and _named(label["label"], kind)
    return Heading(inline, inline=True) if inline else None


def is_document_title(text: str) -> bool:
    """Whether a line only says that this is a résumé."""
    return _normal(text) in words("headings")["titles"]


def looks_like_heading(block: Block) -> bool:
    """Whether a line is set apart: by its format, in capitals, or with a colon at its end."""
    text = block.text.strip()
    return block.kind == "heading" or text.isupper() or text.endswith((":", "：")) or has_cjk(text)  # noqa: RUF001


def _named(text: str, kind: DocumentKind) -> str | None:
    if len(text) > _LONGEST:
        return None
    if _SPACED.fullmatch(text.strip()):
        return _aliases(kind, joined=True).get(re.sub(r"\s", "", text).casefold())
    return _lookup(_normal(text), kind)


def _lookup(normal: str, kind: DocumentKind) -> str | None:
    aliases = _aliases(kind)
    if found := aliases.get(normal):
        return found
    rest = normal.split()
    while len(rest) > 1 and rest[0] in _modifiers():
        rest = rest[1:]
        if found := aliases.get(" ".join(rest)):
            return found
    return None


def _by_parts(block: Block, kind: DocumentKind) -> str | None:
    """ "Skills & Tools" is of the first part that is known, if all are or the line is set apart."""
    if len(block.text) > _LONGEST:
        return None
    normal = _normal(block.text)
    parts = [part.strip() for part in _joiners().split(normal) if part.strip()]
    if len(parts) < 2 or len(normal.split()) > MOST_WORDS:
        return None
    found = [_lookup(part, kind) for part in parts]
    if all(found) or (looks_like_heading(block) and found[0]):
        return found[0]
    return None


def _by_ending(block: Block, kind: DocumentKind) -> str | None:
    """ "Nursing Experience": up to four words with capitals that end with the name of a section."""
    if kind != "resume" or len(block.text) > _LONGEST:
        return None
    text = block.text.strip(_EDGES)
    parts = text.split()
    if not 1 < len(parts) <= 4 or not all(part[0].isupper() or not part[0].isalpha() for part in parts):
        return None
    ending: str | None = words("headings")["endings"].get(parts[-1].casefold())
    return ending if all(part.isalpha() or part in "&/" for part in parts) else None


def _normal(text: str) -> str:
    text = _NUMBER.sub("", text.strip(_EDGES)).strip(_EDGES)
    start = next((place for place, letter in enumerate(text) if letter.isalnum()), 0)
    return " ".join(text[start:].casefold().split())


@cache
def _aliases(kind: DocumentKind, *, joined: bool = False) -> dict[str, str]:
    lists: dict[str, list[str]] = words("headings")[kind]
    strip = re.compile(r"\s") if joined else None
    return {
        (strip.sub("", alias) if strip else alias).casefold(): name
        for name, aliases in lists.items()
        for alias in aliases
    }


@cache
def _modifiers() -> frozenset[str]:
    return frozenset(words("headings")["modifiers"])


@cache
def _joiners() -> re.Pattern[str]:
    joiners: list[str] = words("headings")["joiners"]
    signs = "|".join(re.escape(each) for each in joiners if not each.isalpha() or has_cjk(each))
    spaced = "|".join(re.escape(each) for each in joiners if each.isalpha() and not has_cjk(each))
    return re.compile(rf"{signs}|\s(?:{spaced})\s")
