"""What is worth knowing of a document at a glance, in its own words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from contracts.documents.understanding import DocumentSummary, Skill
from contracts.vocabulary.document import DocumentKind

from documents.understanding.chunking import Line, sentences_of
from documents.understanding.wordlists import has_cjk

MOST_POINTS = 5
MOST_SKILLS = 12
MOST_HIGHLIGHTS = 6
_LONGEST = 400
_RESULT = re.compile(
    r"\d[\d.,]*\s?(?:%|percent|x\b|k\b|m\b)|[$€£₹¥]\s?\d|\b(?:from|von|de|от)\s+[\d.,]+|\d{2,}", re.IGNORECASE
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_PROSE = 8
"""Words of a line in the head that is a sentence."""
_ABOUT = {"resume": ("summary", "header"), "job_description": ("about", "responsibilities")}


def summary_of(kind: DocumentKind, lines: Sequence[Line], skills: Sequence[Skill]) -> DocumentSummary:
    """Points are sentences of the summary, else the heads of the newest entries; highlights those points of entries
    that tell of results, the others where there are too few."""
    return DocumentSummary(
        summary_points=tuple(_points(kind, lines)[:MOST_POINTS]),
        key_skills=tuple(skill.name for skill in _by_weight(skills)[:MOST_SKILLS]),
        experience_highlights=tuple(_highlights(lines)) if kind == "resume" else (),
    )


def _points(kind: DocumentKind, lines: Sequence[Line]) -> list[str]:
    for name in _ABOUT[kind]:
        said = [sentence for line in lines if line.section == name for sentence in sentences_of(line.text)]
        if name == "header":
            said = [sentence for sentence in said if len(sentence.split()) >= _PROSE]
        if said := [sentence for sentence in said if len(sentence) <= _LONGEST]:
            return said
    heads = [line.text for line in lines if line.entry and not line.is_point and line.section == "experience"]
    return [head for head in heads if len(head) <= _LONGEST]


def _by_weight(skills: Sequence[Skill]) -> list[Skill]:
    """The most mentioned first; among equals the one named first."""
    return sorted(skills, key=lambda skill: (skill.category == "soft skill", -skill.mentions))


def _highlights(lines: Sequence[Line]) -> list[str]:
    points = [line.text for line in lines if line.is_point and line.section in ("experience", "projects")]
    telling = [point for point in points if _is_long_enough(point) and len(point) <= _LONGEST]
    results = [point for point in telling if _RESULT.search(_YEAR.sub("", point))]
    chosen = (results + [point for point in telling if point not in results])[:MOST_HIGHLIGHTS]
    return sorted(dict.fromkeys(chosen), key=points.index)


def _is_long_enough(point: str) -> bool:
    return len(point.split()) >= 4 or (has_cjk(point) and len(point) >= 8)
