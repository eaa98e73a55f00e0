"""The name of whoever a résumé is about: found in its head, and taken out of all of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, cached_property

from parley_text.contact import contacts, without

from documents.understanding.headings import is_document_title
from documents.understanding.lineparts import EDGES, PARTERS, after_label, joined, label_in, normal, tidied
from documents.understanding.skills import names_skill
from documents.understanding.titles import is_title
from documents.understanding.wordlists import CJK, any_of, has_cjk, words

_NAME_LINES = 6
"""Lines from the top among which the name is."""
_MOST_WORDS = 5
_SMALL = frozenset("de del la von van der den da di bin ibn al el y ten ter zu dos das do e".split())
"""Words of names that have no capital."""
_WORD = re.compile(rf"[{CJK}]|(?:[^\W\d_{CJK}]|[\u0900-\u097f'’.-])+")  # noqa: RUF001
_ADDRESSED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herr|Herrn|Frau|Sr|Sra|Mme|M|Sig|Pani|Pan)\b\.?\s+[^\W\d_a-z][\w'’-]+(?:\s+[^\W\d_a-z][\w'’-]+)?"  # noqa: RUF001
)
_MAILBOX_PARTS = re.compile(r"[^\W\d_]{3,}")


class Person:
    """Somebody by the words of their name; nobody without any. Kept for no longer than the document is read."""

    def __init__(self, name: Sequence[str] = ()) -> None:
        self.name = tuple(name)
        self._plain = frozenset(map(plain, name))

    def is_meant(self, piece: str) -> bool:
        """Whether a part of a head is the name, titles and degrees aside."""
        parts = [part for part in _words_of(piece) if part.casefold().strip(".") not in _honorifics()]
        return bool(self.name and parts) and all(plain(part) in self._plain for part in parts)

    def taken_out(self, text: str) -> str:
        """The text without the name: whole, in either order, with initials as in a list of publications, and without
        its words alone, but for those that are words as well."""
        if not self._is_in(text):
            return text
        addresses = contacts(text, {"link", "site"})
        text = tidied(text, without(text, (each for each in addresses if self._owns(text[each.start : each.end]))))
        return tidied(text, self._pattern.sub("", text))

    def _is_in(self, text: str) -> bool:
        if not self.name:
            return False
        if has_cjk(self.name[0]):
            return "".join(self.name) in text
        simple = plain(text)
        return any(part in simple for part in self._plain)

    def _owns(self, address: str) -> bool:
        simple = plain(address)
        return any(len(part) > 3 and plain(part) in simple and not _is_common(part) for part in self.name)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        name = self.name
        if has_cjk(name[0]):
            return re.compile(re.escape("".join(name)))
        first, last = re.escape(name[0]), re.escape(name[-1])
        telling = [re.escape(part) for part in name if not _is_common(part)]
        alone = [f"(?-i:{part}|{part.upper()}|{part.title()})" for part in telling]
        if len(name) == 1:
            return re.compile(rf"(?<!\w)(?:{'|'.join(alone) or '(?!)'})(?!\w)")
        initial = rf"(?:{re.escape(name[0][0])}\.?\W?){{1,2}}"
        forms = [
            r"\W{1,2}(?:[^\W\d_]\.?\W)?".join(map(re.escape, name)),
            rf"{first}\W{{1,2}}{last}",
            rf"{last},?\W{{1,2}}{first}",
            rf"{last},?\s{initial}(?!\w)",
            rf"{initial}\s?{last}",
            rf"{last}(?=\s+(?:et\s+al|u\.\s?a\.))",
            *alone,
        ]
        return re.compile(rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)", re.IGNORECASE)


def person_in(head: Sequence[str], set_apart: Sequence[str] = ()) -> Person:
    """Whoever a résumé is about: by a label in its head, else by what an e-mail address confirms, else by the first
    line that reads as a name. `set_apart`: lines elsewhere that look as names do."""
    for text in head:
        if label_in(PARTERS.split(text)[0] if "\t" not in text else text) in _labels():
            found = _words_of(without_mail(after_label(text)))[:_MOST_WORDS]
            if found:
                return Person(found)
    mailbox = plain("".join(text[each.start : each.end] for text in head for each in contacts(text, {"email"})))
    candidates = [*_candidates(head), *_candidates(set_apart)]
    confirmed = [each for each in candidates if any(len(plain(part)) > 2 and plain(part) in mailbox for part in each)]
    longer = [each for each in candidates if len(each) > 1 or has_cjk(each[0])]
    for each in (*confirmed, _from_mailbox(head, mailbox), *longer, _over_lines(head)):
        if each:
            return Person(each)
    return Person()


def without_mail(text: str) -> str:
    """The text up to another label or an address."""
    return re.split(r"\s\S{2,20}\s?:|\S+@", text)[0]


def _candidates(head: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for text in head[:_NAME_LINES]:
        if is_document_title(text) or label_in(text) in _all_labels():
            continue
        for piece in PARTERS.split(text)[::2]:
            if parts := name_parts(piece):
                yield parts


def _from_mailbox(head: Sequence[str], mailbox: str) -> tuple[str, ...]:
    """The words of a head that are those before the @, in whatever way they are written."""
    owners = {part for part in _MAILBOX_PARTS.findall(mailbox.split("@")[0]) if not _is_common(part)}
    found = [
        word
        for text in head[:_NAME_LINES]
        for word in _words_of(without(text, contacts(text, {"email"})))
        if plain(word) in owners
        or (len(owners) > 1 and plain(word) == "".join(_MAILBOX_PARTS.findall(mailbox.split("@")[0])))
    ]
    return tuple(dict.fromkeys(found))[:_MOST_WORDS]


def _over_lines(head: Sequence[str]) -> tuple[str, ...]:
    """A name whose words stand below each other, or with the family name before a comma."""
    ones = [name_parts(text) for text in head[:2]]
    if len(ones) == 2 and all(len(each) == 1 for each in ones):
        return (*ones[0], *ones[1])
    for text in head[:2]:
        last, comma, first = text.partition(", ")
        parts = name_parts(first), name_parts(last)
        if comma and all(len(each) in (1, 2) for each in parts):
            return (*parts[0], *parts[1])
    return ()


def name_parts(piece: str) -> tuple[str, ...]:
    """The words of a short text that can be a name; none for anything else."""
    text = _document_words().sub(" ", re.sub(r"\([^)]*\)", " ", piece)).strip(EDGES)
    if not text or len(text) > 60 or any(letter.isdigit() or letter in "@:/+&?!" for letter in text):
        return ()
    parts = [part for part in _words_of(text) if part.casefold().strip(".") not in _honorifics()]
    if is_title(text) or names_skill(text):
        return ()
    if has_cjk(text):
        return tuple(parts) if 2 <= len(parts) <= _MOST_WORDS and " " not in text.strip() else ()
    if not 1 <= len(parts) <= _MOST_WORDS:
        return ()
    named = all(part[0].isupper() or not part[0].islower() or part.casefold() in _SMALL for part in parts)
    return tuple(parts) if named else ()


def without_addressed(text: str) -> str:
    """A line about somebody who can be reached, without "Ms. Jane Doe" and parts that read as names."""
    text = tidied(text, _ADDRESSED.sub("", text))
    pieces = PARTERS.split(text)
    kept = ["" if place % 2 == 0 and len(name_parts(piece)) in (2, 3) else piece for place, piece in enumerate(pieces)]
    return text if kept == pieces else joined(kept)


def _words_of(text: str) -> list[str]:
    return [word for found in _WORD.findall(text) if (word := re.sub(r"['’]s$", "", found).strip("-.'’"))]  # noqa: RUF001


def _is_common(part: str) -> bool:
    return part.casefold() in _commons() or len(part) < 3 or is_title(part) or names_skill(part)


@cache
def _commons() -> frozenset[str]:
    return frozenset(str(word).casefold() for word in words("contact")["common"])


@cache
def _honorifics() -> frozenset[str]:
    return frozenset(str(each).casefold().strip(".") for each in words("contact")["honorifics"])


@cache
def _labels() -> frozenset[str]:
    return frozenset(map(normal, words("contact")["names"]))


@cache
def _all_labels() -> frozenset[str]:
    return frozenset(normal(str(label)) for label in words("contact")["labels"])


@cache
def _document_words() -> re.Pattern[str]:
    """ "Résumé of", and the year that it is of."""
    titles = any_of(words("headings")["titles"])
    return re.compile(rf"{titles}(?:\s+(?:of|von|de|di|for))?|(?<!\d)20\d\d(?!\d)", re.IGNORECASE)


def plain(text: str) -> str:
    """Small letters without marks, as in a mailbox."""
    text = text.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
