"""What a document says as a whole."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import date

from contracts.documents.understanding import Chunk, Skill, Understanding
from contracts.vocabulary.document import DocumentKind

from documents.parsed import Parsed
from documents.understanding.careers import jobs_of, newest, seniority, titled, years_of
from documents.understanding.chunking import Line, lines_of, sentences_of
from documents.understanding.locating import Locator
from documents.understanding.requirements import requirements_of, years_in
from documents.understanding.sections import Section, parts_of, sections_of
from documents.understanding.skills import mentions_in, shares_of
from documents.understanding.summary import summary_of
from documents.understanding.taxonomy import KnownSkill, taxonomy
from documents.understanding.titles import claims_experience, offered_in, without_title_label

MOST_SKILLS = 200
_LONGEST_SOURCE = 600
_LONG_LINE = 300
"""Characters from which on the sentence is the source of a skill and not its line."""


def understand(
    parsed: Parsed, kind: DocumentKind, today: date, language: str | None, chunks: Sequence[Chunk]
) -> Understanding:
    """All that can be found in a document without contact data. `chunks` are its own.

    `language` changes nothing yet: the word lists of all languages are looked up together.
    """
    sections = sections_of(parsed, kind)
    lines = [line for section in sections for line in lines_of(parsed.blocks, section)]
    skills = _skills(lines, chunks)
    shares = shares_of((taxonomy().skills[skill.name], skill.mentions) for skill in skills)
    requirements = requirements_of(lines, chunks) if kind == "job_description" else ()
    if kind == "resume":
        title, years = _of_career(sections, lines, today)
    else:
        title = _title_offered(lines)
        years = max((each.years for each in requirements if each.must and each.years), default=None)
    return Understanding(
        title=title,
        years=years,
        seniority=seniority(title, years),
        skills=skills,
        domains=shares,
        sections=tuple(section.name for section in sections),
        requirements=requirements,
        summary=summary_of(kind, lines, skills),
    )


def _skills(lines: Sequence[Line], chunks: Sequence[Chunk]) -> tuple[Skill, ...]:
    """In the order in which they are first named."""
    counts: dict[KnownSkill, int] = {}
    sources: dict[KnownSkill, tuple[str, int | None]] = {}
    locator = Locator(chunks)
    for line in lines:
        for source in _sources(line.text):
            for mention in mentions_in(source, line.section):
                counts[mention.skill] = counts.get(mention.skill, 0) + 1
                if mention.skill not in sources:
                    sources[mention.skill] = (source, locator.find(source))
    return tuple(
        Skill(
            name=skill.name,
            category=skill.category,
            mentions=counts[skill],
            source=source[:_LONGEST_SOURCE],
            chunk_index=chunk,
        )
        for skill, (source, chunk) in itertools.islice(sources.items(), MOST_SKILLS)
    )


def _sources(text: str) -> list[str]:
    return [text] if len(text) <= _LONG_LINE else sentences_of(text)


def _of_career(sections: Sequence[Section], lines: Sequence[Line], today: date) -> tuple[str | None, float | None]:
    jobs = jobs_of(sections)
    current = newest(jobs, today)
    years = years_of(jobs, today)
    if years is None:
        years = _claimed(lines)
    header = (part for line in lines if line.section == "header" for part in _titles_in(line.text))
    return (current.title if current else None) or titled(header), years


def _claimed(lines: Sequence[Line]) -> float | None:
    """ "6 years of experience", where no dates of jobs say otherwise."""
    for line in lines:
        if line.section in ("header", "summary", "experience") and claims_experience(line.text):
            return years_in(line.text)
    return None


def _titles_in(text: str) -> Iterator[str]:
    yield text
    yield from parts_of(text)


def _title_offered(lines: Sequence[Line]) -> str | None:
    """A line of the head, what a sentence offers, or a part of a line, in this order."""
    header = [without_title_label(line.text) for line in lines if line.section == "header"]
    whole = titled(text for text in header if len(text) <= 100 and not text.endswith((".", "。", "!")))
    said = (title for line in lines if line.section in ("header", "about") for title in offered_in(line.text))
    parted = titled(part for text in header if len(text) <= 200 for part in parts_of(text))
    return whole or next(said, None) or parted or _first_short(header)


def _first_short(texts: Sequence[str]) -> str | None:
    return next((text for text in texts[:1] if len(text) <= 80 and not text.rstrip().endswith((".", "。", "!"))), None)
