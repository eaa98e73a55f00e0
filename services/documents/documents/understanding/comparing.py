"""A résumé beside what a job asks for.

A skill is *shown* where an entry speaks of it (a job, a project, a school, a certificate, voluntary work) and *listed*
where only a list, the summary or the head names it. Of a requirement's skills, those joined by "or" count as one; a
degree that is asked counts as another.

- covered: every skill is shown, and the years are reached.
- weak: some skill is shown or listed but not all are shown, or the years fall short or are not told. The years are
  those of all jobs: nobody writes down how long each skill was used.
- missing: none of its skills is named. Without skills: no line speaks of it.

A requirement without skills goes by its degree or its spoken languages, and else by the words that it shares with a
line: most of them cover it, some are weak. Years in a field that no line speaks of are weak, however many there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from contracts.documents.understanding import Chunk, Coverage, Gap, GapAnalysis, Requirement, Understanding

from documents.parsed import Block
from documents.understanding.chunking import sentences_of
from documents.understanding.dates import range_in
from documents.understanding.headings import heading_in
from documents.understanding.requirements import best_degree_in, degree_in, without_years, years_in
from documents.understanding.skills import SILENT, Mention, mentions_in
from documents.understanding.spoken import spoken_in
from documents.understanding.wordlists import CJK, any_of, words

SHOWING = frozenset(("experience", "projects", "volunteering", "education", "certifications", "publications", "awards"))
_WORTH: dict[Coverage, float] = {"covered": 1.0, "weak": 0.5, "missing": 0.0}
_NICE = 0.5
_MOST_OF, _SOME_OF = 0.6, 0.34
"""Shares of a requirement's words from which on a line covers it, or speaks of it at all."""
_HALF = 0.5
_LONG_LINE = 400
_WORD = re.compile(rf"[{CJK}]{{2}}|(?:[^\W\d_{CJK}]|[\u0900-\u097f]){{4,}}")
_STEM = 6
"""Letters of a word that are compared, so that its endings do not matter."""


@dataclass(frozen=True)
class _Line:
    text: str
    section: str
    stems: frozenset[str]


@dataclass(frozen=True)
class _Found:
    """What a résumé says to one thing, and how well."""

    coverage: Coverage
    evidence: str | None


_NOTHING = _Found("missing", None)


def gaps(resume: Understanding, resume_chunks: Sequence[Chunk], job: Understanding) -> GapAnalysis:
    """Each requirement of the job with what the résumé shows for it."""
    reading = _Resume(resume, resume_chunks)
    found = tuple(_gap(requirement, reading) for requirement in job.requirements)
    return GapAnalysis(gaps=found, match=_match(found))


def _gap(requirement: Requirement, resume: _Resume) -> Gap:
    found = resume.answer(requirement)
    return Gap(
        requirement=requirement.text,
        must=requirement.must,
        coverage=found.coverage,
        skills=requirement.skills,
        source=requirement.text,
        evidence=found.evidence,
    )


def _match(found: Sequence[Gap]) -> float | None:
    weights = [1.0 if gap.must else _NICE for gap in found]
    if not weights:
        return None
    reached = sum(weight * _WORTH[gap.coverage] for gap, weight in zip(found, weights, strict=True))
    return round(reached / sum(weights), 3)


class _Resume:
    """A résumé, with its lines by skill."""

    def __init__(self, resume: Understanding, chunks: Sequence[Chunk]) -> None:
        self._years = resume.years
        self._shown: dict[str, str] = {}
        self._listed: dict[str, str] = {}
        self._lines = list(_lines(chunks))
        for line in self._lines:
            named = self._shown if line.section in SHOWING else self._listed
            for mention in mentions_in(line.text, line.section):
                named.setdefault(mention.skill.name, line.text)
        for skill in resume.skills:
            self._listed.setdefault(skill.name, skill.source)

    def answer(self, requirement: Requirement) -> _Found:
        """What there is to a requirement."""
        found = self._by_skills(requirement) if requirement.skills else self._by_words(requirement.text)
        if requirement.years is None:
            return found
        years = self._by_years(requirement.years)
        if requirement.skills:
            # Of a skill that is missing, years of other work show nothing.
            enough = found.coverage == "missing" or years.coverage == "covered"
            return found if enough else _Found("weak", found.evidence)
        if not _stems(without_years(requirement.text)):
            return years
        return _together(found, years)

    def _by_skills(self, requirement: Requirement) -> _Found:
        groups = _alternatives(requirement)
        found = [max((self._of_skill(name) for name in group), key=_worth) for group in groups]
        if degree_in(requirement.text) is not None:
            found.append(self._by_degree(requirement.text))
        best = max(found, key=_worth)
        alike = all(each.coverage == best.coverage for each in found)
        return _Found(best.coverage if alike else "weak", best.evidence)

    def _of_skill(self, name: str) -> _Found:
        if name in self._shown:
            return _Found("covered", self._shown[name])
        return _Found("weak", self._listed[name]) if name in self._listed else _NOTHING

    def _by_years(self, asked: float) -> _Found:
        if not self._years or self._years < asked * _HALF or self._of_career is None:
            return _NOTHING
        return _Found("covered" if self._years >= asked else "weak", self._of_career)

    @cached_property
    def _of_career(self) -> str | None:
        """The newest job's line with its dates, or one that tells of years."""
        dated = (line.text for line in self._lines if line.section == "experience" and range_in(line.text))
        told = (line.text for line in self._lines if years_in(line.text))
        return next(dated, None) or next(told, None)

    def _by_words(self, text: str) -> _Found:
        if degree_in(text) is not None:
            return self._by_degree(text)
        return self._by_language(text) if spoken_in(text) else self._by_overlap(text)

    def _by_degree(self, text: str) -> _Found:
        asked = degree_in(text)
        if asked is None:
            return _NOTHING
        schools = [line for line in self._lines if line.section == "education"]
        degrees = [(level, line) for line in schools if (level := best_degree_in(line.text))]
        if not degrees:
            instead = self._of_career if self._years and _equivalent().search(text) else None
            return _Found("weak", instead) if instead else _NOTHING
        level, line = max(degrees, key=lambda each: each[0])
        same_field = any(_stems(text) & each.stems for each in schools)
        return _Found("covered" if level >= asked and same_field else "weak", line.text)

    def _by_language(self, text: str) -> _Found:
        asked = spoken_in(text)
        if not asked:
            return _NOTHING
        for line in self._lines:
            if line.section in ("languages", "skills", "header", "summary", "other") and asked <= spoken_in(line.text):
                return _Found("covered", line.text)
        spoken = [(len(asked & spoken_in(line.text)), line) for line in self._lines if line.section == "languages"]
        best = max(spoken, key=lambda each: each[0], default=None)
        if best is None or not best[0]:
            return _NOTHING
        together = frozenset[str]().union(*(spoken_in(line.text) for _, line in spoken))
        return _Found("covered" if asked <= together else "weak", best[1].text)

    def _by_overlap(self, text: str) -> _Found:
        wanted = _stems(text)
        if not wanted:
            return _NOTHING
        shares = [(len(wanted & line.stems) / len(wanted), line) for line in self._lines if line.section not in SILENT]
        share, line = max(shares, key=lambda each: each[0], default=(0.0, None))
        if line is None or share < _SOME_OF or len(wanted & line.stems) < min(2, len(wanted)):
            return _NOTHING
        full = share >= _MOST_OF and line.section in SHOWING
        return _Found("covered" if full else "weak", line.text)


def _together(words: _Found, years: _Found) -> _Found:
    """Of years in some field: covered where they are reached and the field is spoken of."""
    if words.coverage != "missing" and years.coverage == "covered":
        return _Found("covered", words.evidence)
    if words.coverage == years.coverage == "missing":
        return _NOTHING
    return _Found("weak", words.evidence or years.evidence)


def _worth(found: _Found) -> float:
    return _WORTH[found.coverage]


def _lines(chunks: Sequence[Chunk]) -> Iterator[_Line]:
    for chunk in chunks:
        texts = chunk.text.split("\n")
        if heading_in(Block(kind="heading", text=texts[0]), "resume"):
            del texts[0]
        for text in texts:
            for line in [text] if len(text) <= _LONG_LINE else sentences_of(text):
                yield _Line(line, chunk.parent_section, _stems(line))


def _alternatives(requirement: Requirement) -> list[list[str]]:
    """The skills, those that "or" joins together."""
    mentions = mentions_in(requirement.text, "requirements")
    groups: list[list[str]] = []
    before: Mention | None = None
    for mention in mentions:
        joined = before is not None and _is_or(requirement.text[before.end : mention.start])
        if joined:
            groups[-1].append(mention.skill.name)
        else:
            groups.append([mention.skill.name])
        before = mention
    groups = _with_lists(requirement.text, mentions, groups)
    known = {name for group in groups for name in group}
    return groups + [[name] for name in requirement.skills if name not in known]


def _with_lists(text: str, mentions: Sequence[Mention], groups: list[list[str]]) -> list[list[str]]:
    """ "A, B or C" is one of three: commas before an "or" join as it does."""
    places = {mention.skill.name: mention for mention in reversed(mentions)}
    merged: list[list[str]] = []
    for group in groups:
        while len(group) > 1 and merged and len(merged[-1]) == 1:
            left, right = places[merged[-1][-1]], places[group[0]]
            if text[left.end : right.start].strip() not in (",", "，", "、"):  # noqa: RUF001
                break
            group = merged.pop() + group
        merged.append(group)
    return merged


def _is_or(between: str) -> bool:
    return len(between) <= 24 and _or().search(between) is not None


@cache
def _or() -> re.Pattern[str]:
    return re.compile(any_of(str(each) for each in words("requirements")["or"]), re.IGNORECASE)


@cache
def _equivalent() -> re.Pattern[str]:
    return re.compile(any_of(words("requirements")["equivalent"]), re.IGNORECASE)


def _stems(text: str) -> frozenset[str]:
    found = (word.casefold() for word in _WORD.findall(text))
    return frozenset(word[:_STEM] for word in found if word not in _empty())


@cache
def _empty() -> frozenset[str]:
    return frozenset(str(word).casefold() for word in words("requirements")["empty"])
