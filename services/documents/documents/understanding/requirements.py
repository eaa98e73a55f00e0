"""What a job description asks for: each thing verbatim, a must or a wish, with its years and skills."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from contracts.documents.understanding import Chunk, Requirement

from documents.understanding.chunking import Line, sentences_of
from documents.understanding.locating import Locator
from documents.understanding.skills import mentions_in
from documents.understanding.spoken import spoken_in
from documents.understanding.wordlists import any_of, has_cjk, words

ASKED = frozenset(("requirements", "nice_to_have"))
_OTHERWISE = frozenset(("header", "about", "responsibilities"))
"""Sections of which only sentences that ask for something count."""
MOST_REQUIREMENTS = 60
"""Of one job description: what is found is to fit into a message, with the evidence beside it."""
_LONGEST = 1_000
_MOST_YEARS = 40
_CLAUSES = re.compile(r"[;；]\s*|,\s+(?=but\b|aber\b|mais\b|pero\b)|(?<=[^\W\d_]),\s+|，")  # noqa: RUF001
_BARE = " \t.,;:-–—•*()（）"  # noqa: RUF001


def requirements_of(lines: Iterable[Line], chunks: Sequence[Chunk]) -> tuple[Requirement, ...]:
    """The requirements in the order of the document."""
    locator = Locator(chunks)
    found: list[Requirement] = []
    for line in lines:
        if line.section in ASKED:
            found += _asked(line, locator)
        elif line.section in _OTHERWISE:
            found += _said_elsewhere(line, locator)
    return tuple(found[:MOST_REQUIREMENTS])


def _asked(line: Line, locator: Locator) -> Iterator[Requirement]:
    for sentence in sentences_of(line.text):
        for text in _by_weight(sentence):
            if _says_something(text):
                must = line.section == "requirements" and not is_wish(text)
                yield _requirement(text, line, must=must, locator=locator)


def _said_elsewhere(line: Line, locator: Locator) -> Iterator[Requirement]:
    for sentence in sentences_of(line.text):
        for text in _by_weight(sentence):
            asks = _matches("asks", text) or (line.section != "header" and _matches("must", text) and not is_wish(text))
            if not asks and not is_wish(text):
                continue
            if mentions_in(text, "requirements") or years_in(text) or degree_in(text) or spoken_in(text):
                yield _requirement(text, line, must=not is_wish(text), locator=locator)


def _requirement(text: str, line: Line, *, must: bool, locator: Locator) -> Requirement:
    text = text[:_LONGEST]
    skills = dict.fromkeys(mention.skill.name for mention in mentions_in(text, line.section))
    chunk = locator.find(text)
    return Requirement(text=text, must=must, skills=tuple(skills), years=years_in(text), chunk_index=chunk)


def is_wish(text: str) -> bool:
    """Whether it is said to be nice to have."""
    return _matches("nice", text)


def _by_weight(sentence: str) -> Iterator[str]:
    """The sentence; its clauses where one is a must and another a wish."""
    if not is_wish(sentence):
        yield sentence
        return
    clauses = _clauses(sentence)
    wishes = [is_wish(clause) for clause in clauses]
    if all(wishes) or len(clauses) == 1:
        yield sentence
        return
    # Clauses with commas alone part only where both weights are spoken out.
    if not re.search(r"[;；]", sentence) and not any(  # noqa: RUF001
        _matches("must", clause) and not wish for clause, wish in zip(clauses, wishes, strict=True)
    ):
        yield sentence
        return
    yield from _grouped(sentence, clauses, wishes)


def _grouped(sentence: str, clauses: Sequence[str], wishes: Sequence[bool]) -> Iterator[str]:
    """Neighbouring clauses of one weight, as they stand in the sentence."""
    start = 0
    at = 0
    for place, clause in enumerate(clauses):
        begin = sentence.index(clause, at)
        at = begin + len(clause)
        if place == 0:
            start = begin
        last = place == len(clauses) - 1
        if last or wishes[place + 1] != wishes[place]:
            yield sentence[start:at].strip()
            if not last:
                start = sentence.index(clauses[place + 1], at)


def _clauses(sentence: str) -> list[str]:
    return [clause for clause in _CLAUSES.split(sentence) if clause.strip(_BARE)]


def _says_something(text: str) -> bool:
    bare = text.strip(_BARE)
    return any(letter.isalnum() for letter in bare) and (len(bare) > 1 or has_cjk(bare))


def years_in(text: str) -> float | None:
    """The years of experience that are asked for or claimed, the least of a range; None where there are none."""
    found = [number for match in _years().finditer(text) if (number := _number(match)) is not None]
    return max(found, default=None)


def without_years(text: str) -> str:
    """The text without its years."""
    return _years().sub(" ", text)


def _number(match: re.Match[str]) -> float | None:
    written = match["number"].casefold()
    names: dict[str, int] = words("titles")["numbers"]
    number = float(written.replace(",", ".")) if written[0].isdecimal() else float(names[written])
    return number if 0 < number <= _MOST_YEARS else None


@cache
def _years() -> re.Pattern[str]:
    lists = words("titles")
    number = rf"(?:\d{{1,2}}(?:[.,]5)?|{any_of(lists['numbers'])})"
    to = any_of(words("requirements")["range_to"])
    plus = r"(?:\s?\+|\s?plus\b|\s?or more\b|\s?oder mehr\b|\s?ou plus\b|\s?o más\b|多)?"
    years = rf"(?:{any_of([*lists['years'], 'yoe'])})"
    measure = r"\s*(?:full\s+|volle[rn]?\s+|个)?"
    not_old = r"(?!\s*(?:old|alt|ago|d'âge|warranty|olds)\b)"
    return re.compile(
        rf"(?<![\w.,$€£/])(?P<number>{number}){plus}(?:\s*{to}\s*{number}{plus})?(?:\s*\([^)]{{1,12}}\))?{measure}-?"
        rf"{years}{not_old}",
        re.IGNORECASE,
    )


# --- degrees ---


def degree_in(text: str) -> int | None:
    """The level of the lowest degree that a text names: 1 bachelor, 2 master, 3 doctorate."""
    found = [level for level, pattern in _degrees().items() if pattern.search(text)]
    return min(found, default=None)


def best_degree_in(text: str) -> int | None:
    """The level of the highest degree."""
    found = [level for level, pattern in _degrees().items() if pattern.search(text)]
    return max(found, default=None)


@cache
def _degrees() -> dict[int, re.Pattern[str]]:
    lists: dict[int, list[str]] = words("requirements")["degrees"]
    return {level: re.compile(any_of(names), re.IGNORECASE) for level, names in lists.items()}


def _matches(name: str, text: str) -> bool:
    return _phrases(name).search(text) is not None


@cache
def _phrases(name: str) -> re.Pattern[str]:
    return re.compile(any_of(str(each) for each in words("requirements")[name]), re.IGNORECASE)
