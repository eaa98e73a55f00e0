"""What a model may add to an understanding, and the code that verifies it.

The model gets the document without contact data, fenced, and without sentences that give orders to whoever reads it.
Of its answer only what the document bears out is kept, and nothing that code found is taken away:

- a title only where none was found, verbatim; the seniority is never the model's word, it follows from title and years;
- highlights and requirements verbatim, but for white space and typography;
- skills that the document names;
- summary points without numbers, names, skills or ranks that the document does not have, and mostly in its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from contracts.documents.understanding import DocumentSummary, Requirement, Understanding
from contracts.vocabulary.document import DocumentKind
from parley_text.injection import DOCUMENT, speaks, without
from parley_text.verbatim import Source, folded

from documents.refinement import Refinement
from documents.understanding.careers import seniority
from documents.understanding.requirements import MOST_REQUIREMENTS, is_wish, years_in
from documents.understanding.skills import mentions_in
from documents.understanding.titles import is_title, ranks_in
from documents.understanding.wordlists import has_cjk, words

MOST_TEXT = 40_000
"""Characters of a document that a model reads."""
MOST_POINTS, MOST_SKILLS, MOST_HIGHLIGHTS = 8, 20, 8
_LONGEST_TITLE, _LONGEST_POINT, _LONGEST_PASSAGE, _LONGEST_SKILL = 100, 300, 600, 50
_FEWEST_LETTERS = 12
"""Of a passage: less than that is found in any text."""
_OWN_WORDS = 0.5
"""Share of a point's longer words that the document must have."""
_NUMBER = re.compile(r"\d+(?:[.,\u00a0\u202f' ]\d{3})*(?:[.,]\d+)?")
_NAME = re.compile(r"(?<![^\W_])[^\W\d_a-zß-öø-ÿ][\w'’+#&.-]*")  # noqa: RUF001
_WORD = re.compile(r"[^\W\d_]{4,}")


def for_models(text: str) -> str:
    """The part of a document without contact data that a model may read."""
    return without_orders(text)[:MOST_TEXT]


def refined(kind: DocumentKind, understanding: Understanding, added: Refinement, text: str) -> Understanding:
    """The understanding with what the text bears out of a refinement. Orders are not evidence."""
    source = _Source(for_models(text))
    title = understanding.title or source.title(added.title)
    requirements = understanding.requirements
    if kind == "job_description":
        requirements = (*requirements, *_requirements(understanding, added, source))[:MOST_REQUIREMENTS]
        requirements = max(requirements, understanding.requirements, key=len)
    years = understanding.years
    if kind == "job_description" and years is None:
        years = max((each.years for each in requirements if each.must and each.years), default=None)
    rank = understanding.seniority or seniority(title, years)
    return understanding.model_copy(
        update={
            "title": title,
            "years": years,
            "seniority": rank,
            "requirements": requirements,
            "summary": _summary(kind, understanding, added, source),
        }
    )


def without_orders(text: str) -> str:
    """The text without sentences that speak to whoever reads it by machine."""
    return without(text, DOCUMENT, whole=True)


def _summary(kind: DocumentKind, found: Understanding, added: Refinement, source: _Source) -> DocumentSummary:
    mine = found.summary
    years = f"{found.years:g}" if found.years is not None else ""
    points = (point.strip() for point in added.summary_points if source.bears_out(point, allowed=years))
    skills = (skill for each in added.key_skills if (skill := source.skill(each)))
    passages = added.experience_highlights if kind == "resume" else ()
    highlights = (passage for each in passages if (passage := source.passage(each)))
    return DocumentSummary(
        summary_points=_with(mine.summary_points, points, MOST_POINTS),
        key_skills=_with(mine.key_skills, skills, MOST_SKILLS),
        experience_highlights=_with(mine.experience_highlights, highlights, MOST_HIGHLIGHTS),
    )


def _with(mine: tuple[str, ...], added: Iterable[str], most: int) -> tuple[str, ...]:
    """What was there, and what is new, up to a number; what was there always stays."""
    known = {folded(each) for each in mine}
    new: list[str] = []
    for each in added:
        compared = folded(each)
        if not any(compared in other or other in compared for other in known):
            known.add(compared)
            new.append(each)
    return (*mine, *new[: max(0, most - len(mine))])


def _requirements(found: Understanding, added: Refinement, source: _Source) -> Iterator[Requirement]:
    known = [folded(each.text) for each in found.requirements]
    for each in added.requirements:
        text = source.passage(each.text)
        if text is None:
            continue
        compared = folded(text)
        if any(compared in other or other in compared for other in known):
            continue
        known.append(compared)
        skills = dict.fromkeys(mention.skill.name for mention in mentions_in(text, "requirements"))
        must = each.must and not is_wish(text)
        yield Requirement(text=text, must=must, skills=tuple(skills), years=years_in(text))


class _Source:
    """A document, and what it bears out."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._source = Source(text)
        self._numbers = set(_numbers(text))
        self._names = {name.casefold().rstrip(".-'’") for name in re.findall(r"[\w'’+#&.-]+", text)}  # noqa: RUF001
        self._stems = {word.casefold()[:5] for word in _WORD.findall(text)}
        self._skills = {mention.skill.name for line in text.split("\n") for mention in mentions_in(line, "skills")}
        self._ranks = ranks_in(text)

    def passage(self, text: str) -> str | None:
        """The slice of one line of the document that a passage stands for; None where there is none."""
        fewest = _FEWEST_LETTERS // 2 if has_cjk(text) else _FEWEST_LETTERS
        if len(text) > _LONGEST_PASSAGE or sum(map(str.isalnum, text)) < fewest:
            return None
        found = self._source.passage(text)
        return found if found and "\n" not in found else None

    def title(self, text: str | None) -> str | None:
        """A title that stands there in these words."""
        if not text or len(text) > _LONGEST_TITLE or not is_title(text):
            return None
        found = re.search(rf"(?<!\w){re.escape(' '.join(text.split()))}(?!\w)", self._text, re.IGNORECASE)
        return found.group() if found else None

    def skill(self, text: str) -> str | None:
        """A skill as the taxonomy calls it, or as the document does."""
        name = " ".join(text.split())
        if not name or len(name) > _LONGEST_SKILL or len(name.split()) > 5:
            return None
        known = [mention.skill.name for mention in mentions_in(name, "skills")]
        if known:
            return known[0] if len(set(known)) == 1 and known[0] in self._skills else None
        found = re.search(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", self._text, re.IGNORECASE)
        return found.group() if found else None

    def bears_out(self, point: str, *, allowed: str) -> bool:
        """Whether a sentence about the document has no number, name, skill or rank of its own."""
        if not 0 < len(point) <= _LONGEST_POINT or "\n" in point.strip() or speaks(point, DOCUMENT):
            return False
        if not set(_numbers(point)) <= self._numbers | {allowed, allowed.split(".")[0]}:
            return False
        if not {mention.skill.name for mention in mentions_in(point, "")} <= self._skills:
            return False
        return ranks_in(point) <= self._ranks and self._knows_names(point) and self._is_in_own_words(point)

    def _knows_names(self, point: str) -> bool:
        return all(
            name in self._names or all(part in self._names for part in re.split(r"[-&./]", name) if part)
            for found in _NAME.finditer(point)
            if (name := found.group().casefold().rstrip(".-'’"))  # noqa: RUF001
            and not (found.start() == 0 and name in _openers())
        )

    def _is_in_own_words(self, point: str) -> bool:
        if has_cjk(point):
            pairs = [
                point[at : at + 2] for at in range(len(point) - 1) if has_cjk(point[at]) and has_cjk(point[at + 1])
            ]
            return sum(pair in self._text for pair in pairs) >= _OWN_WORDS * len(pairs)
        stems = [word.casefold()[:5] for word in _WORD.findall(point)]
        return bool(stems) and sum(stem in self._stems for stem in stems) >= _OWN_WORDS * len(stems)


def _numbers(text: str) -> Iterator[str]:
    """Numbers without what parts their thousands, those in words too."""
    for found in _NUMBER.findall(text):
        yield re.sub(r"[.,\u00a0\u202f' ](?=\d{3}(?:\D|$))", "", found).replace(",", ".")
    for found in re.findall(r"[^\W\d_]+", text.casefold()):
        if found in _number_words() and len(found) > 2:
            yield str(_number_words()[found])


@cache
def _number_words() -> dict[str, int]:
    """Those that are no articles."""
    articles = ("one", "un", "ein", "una")
    return {str(name): number for name, number in words("titles")["numbers"].items() if name not in articles}


@cache
def _openers() -> frozenset[str]:
    return frozenset(words("usage")["openers"])
