"""Documents without what tells who somebody is and where they can be reached.

Names, addresses and the like stand in the head of a résumé; e-mail addresses, telephone numbers and profiles go
wherever they stand. All other text stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from contracts.vocabulary.document import DocumentKind

from documents.parsed import Block, Parsed
from documents.understanding.dates import range_in
from documents.understanding.headings import heading_in, is_document_title
from documents.understanding.lineparts import EDGES, PARTERS, joined, label_in, normal
from documents.understanding.names import Person, person_in, without_addressed
from documents.understanding.reach import has_mail, has_reach, without_any_reach, without_reach
from documents.understanding.skills import names_skill
from documents.understanding.titles import is_title
from documents.understanding.wordlists import CJK, any_of, has_cjk, words

_HEAD_LINES = 14
_AROUND = 3
"""Lines before and after an e-mail address that can be of the head as well."""
_LONGEST = 400
"""Characters of a line that is looked at part by part."""
_PROSE = 9
"""Words from which on a part is a sentence, of which only e-mail addresses and the like go."""
_POSTCODE = re.compile(
    rf"\b\d{{5}}(?:-\d{{4}})?\b|\b\d{{4}}\s?[A-Z]{{2}}\b|\b[A-Z]{{1,2}}\d[A-Z\d]?\s?\d[A-Z]{{2}}\b|\b\d{{2}}-\d{{3}}\b"
    rf"|〒|\b[A-Z]\d[A-Z]\s?\d[A-Z]\d\b|\b(?:[A-Z]-)?\d{{4,6}}\s+[^\W\d_{CJK}]{{3}}|\b\d{{3}}-\d{{4}}\b|\b\d{{6}}\b"
)
_AGE = re.compile(
    r"\b\d{2}\s?(?:years old|year old|y/o|yrs old|jahre alt|ans\b|años\b|anni\b|anos\b|лет\b|岁|歳|세)", re.IGNORECASE
)


def without_contact(parsed: Parsed, kind: DocumentKind | None = None) -> Parsed:
    """The document without names and contact data; blocks of which nothing is left are gone.

    A job description has no head about a person; what goes there is how to reach somebody, and who it is. Without
    `kind` the headings tell which of both it is.
    """
    blocks = list(parsed.blocks)
    offers = kind == "job_description" if kind else _offers_a_job(blocks)
    head = set() if offers else set(_head(blocks))
    headed = set(_lines_of(blocks, "header"))
    if not offers and not any(has_reach(blocks[place].text[:_LONGEST]) for place in head):
        head |= set(_beside_mail(blocks))
    lines = [blocks[place].text for place in sorted(head) if len(blocks[place].text) <= _LONGEST]
    person = Person() if offers else person_in(lines, _set_apart(blocks))
    others = range(len(blocks)) if offers else set(_lines_of(blocks, "references"))
    kept: list[Block] = []
    for place, block in enumerate(blocks):
        text = _of_head(block.text, person, headed=place in headed) if place in head else without_reach(block.text)
        if place in others:
            text = _without_contact_person(text, reached=text != block.text)
        # Once more: what is left of a line with labels may end with an address.
        text = without_reach(person.taken_out(text))
        if text == block.text:
            kept.append(block)
        elif any(letter.isalnum() for letter in text):
            kept.append(block.model_copy(update={"text": text}))
    return parsed.model_copy(update={"blocks": tuple(kept)})


def _offers_a_job(blocks: Sequence[Block]) -> bool:
    """Whether the headings are rather those of a job description."""
    weight = 0
    for block in blocks:
        offered, told = heading_in(block, "job_description"), heading_in(block, "resume")
        weight += (offered is not None) - (told is not None)
    return weight > 0


def _head(blocks: Sequence[Block]) -> Iterator[int]:
    """The lines before the first section, and those of sections about the person."""
    kind: DocumentKind = "resume"
    inside = True
    seen = 0
    for place, block in enumerate(blocks):
        found = heading_in(block, kind)
        if found and not (inside and _is_of_head(block.text)):
            inside = found.name == "header"
            seen = 0
            if inside and found.inline:
                yield place
            continue
        if not inside:
            continue
        seen += 1
        if seen > _HEAD_LINES or _opens_body(block):
            inside = False
        else:
            yield place


def _beside_mail(blocks: Sequence[Block]) -> Iterator[int]:
    """The lines around an e-mail address: beside a sidebar the head is not where the document begins."""
    for place, block in enumerate(blocks):
        if len(block.text) > _LONGEST or block.kind == "item" or not has_mail(block.text):
            continue
        yield place
        for step in (-1, 1):
            at = place + step
            while 0 <= at < len(blocks) and abs(at - place) <= _AROUND and _can_be_of_head(blocks[at]):
                yield at
                at += step


def _set_apart(blocks: Sequence[Block]) -> list[str]:
    """The headings of the highest level that open no section: a name in large letters, wherever it stands."""
    headings = [block for block in blocks if block.kind == "heading" and block.level is not None]
    highest = min((block.level or 0 for block in headings), default=0)
    largest = [block for block in headings if block.level == highest and len(block.text) <= _LONGEST]
    return [block.text for block in largest if heading_in(block, "resume") is None]


def _can_be_of_head(block: Block) -> bool:
    short = len(block.text.split()) < _PROSE and block.kind != "item"
    return short and heading_in(block, "resume") is None and not _opens_body(block)


def _is_of_head(text: str) -> bool:
    """ "Résumé" above it all, and "Portfolio: www..." are no headings of sections."""
    return len(text) <= _LONGEST and (is_document_title(text) or (_has_label(text) and has_reach(text)))


def _lines_of(blocks: Sequence[Block], name: str) -> Iterator[int]:
    """The lines of sections with a heading."""
    inside = False
    for place, block in enumerate(blocks):
        if found := heading_in(block, "resume"):
            inside = found.name == name
        elif inside:
            yield place


def _opens_body(block: Block) -> bool:
    """A line that no head has: one of a job with its dates."""
    if len(block.text) > _LONGEST or _has_label(block.text):
        return False
    found = range_in(block.text)
    return found is not None and not found.single and len(block.text.split()) > 3 and not has_reach(block.text)


def _of_head(text: str, person: Person, *, headed: bool) -> str:
    """`headed`: under a heading such as "Contact", where a line without a label is contact data, if it is not work."""
    if len(text) > _LONGEST:
        return without_reach(text)
    if _has_label(text) or _starts_personal(text):
        return _rest_of_labelled(text)
    bound = has_reach(text) or (headed and label_in(text) is None)
    return _parts_left(without_any_reach(text), person, beside_contact=bound)


def _without_contact_person(text: str, *, reached: bool) -> str:
    """Without the name in "Contact: Jane Doe", or beside a telephone number or e-mail address."""
    if label_in(text) in _persons():
        return ""
    return without_addressed(text) if reached and len(text) <= _LONGEST else text


@cache
def _persons() -> frozenset[str]:
    return frozenset(map(normal, words("contact")["persons"]))


def _rest_of_labelled(text: str) -> str:
    """ "Name: A B | Title: C" has parts that stay."""
    parts = PARTERS.split(text)
    if len(parts) == 1:
        return ""
    kept = [part for part in parts[::2] if _tells_work(part) and not (_has_label(part) or _starts_personal(part))]
    return " | ".join(part.strip() for part in kept)


def _parts_left(text: str, person: Person, *, beside_contact: bool) -> str:
    """Without the parts that are the name, an address, a birthday, or a place beside contact data."""
    pieces = PARTERS.split(text)
    bound = beside_contact or _is_address(text) or _AGE.search(text) is not None
    kept = [
        "" if place % 2 == 0 and _is_personal(piece, person, bound=bound) else piece
        for place, piece in enumerate(pieces)
    ]
    return text if kept == pieces else joined(kept)


def _is_personal(piece: str, person: Person, *, bound: bool) -> bool:
    """`bound`: in a line that has contact data, where all counts that does not tell of work."""
    if not any(letter.isalnum() for letter in piece):
        return False
    if _has_label(piece):
        return True
    if len(piece.split()) >= _PROSE:
        return False
    telling = _starts_personal(piece) or person.is_meant(piece) or _is_address(piece) or _AGE.search(piece) is not None
    return telling or (not _tells_work(piece) and (bound or _is_birthday(piece)))


def _is_birthday(piece: str) -> bool:
    """A date with its month on its own; of work it would be a range."""
    found = range_in(piece)
    return found is not None and found.single and bool(found.end) and (found.end or 0) - found.start == 1


def _tells_work(part: str) -> bool:
    dates = range_in(part)
    return is_title(part) or names_skill(part) or (dates is not None and not dates.single) or is_document_title(part)


# --- labels ---


def _has_label(text: str) -> bool:
    return label_in(text) in _labels()


def _starts_personal(text: str) -> bool:
    return _starts().match(text.strip(EDGES)) is not None


@cache
def _labels() -> frozenset[str]:
    return frozenset(normal(str(label)) for label in words("contact")["labels"])


@cache
def _starts() -> re.Pattern[str]:
    return re.compile(any_of(words("contact")["starts"]), re.IGNORECASE)


# --- addresses ---


def _is_address(text: str) -> bool:
    if not any(letter.isdigit() for letter in text) or len(text) > 160:
        return False
    if has_cjk(text):
        return len(_cjk().findall(text)) >= 2
    if range_in(text) and not _POSTCODE.search(text):
        return False
    return bool(_POSTCODE.search(text) or _street().search(text))


@cache
def _cjk() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, words("contact")["cjk"])))


@cache
def _street() -> re.Pattern[str]:
    lists = words("contact")
    street = any_of(lists["streets"])
    ends = "|".join(sorted(map(re.escape, lists["street_ends"]), key=len, reverse=True))
    number = r"\d{1,5}[a-z]?"
    return re.compile(
        rf"\b{number},?\s+(?:[^\W\d_][\w'’.-]*\s+){{0,4}}{street}(?!\w)"  # noqa: RUF001
        rf"|{street}[\s.]+(?:[\w'’.-]+,?\s+){{0,5}}(?:№|n[°ºo]\.?\s*)?,?\s*{number}\b"  # noqa: RUF001
        rf"|[^\W\d_]+(?:{ends})\.?\s+{number}\b",
        re.IGNORECASE,
    )
