"""What the documents service finds in a résumé or a job description."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from contracts.envelope import Contract

ChunkType = Literal["section", "entry", "point"]
"""A whole section without entries; the head of an entry (a job, a school, a project); a point under an entry."""
Seniority = Literal["intern", "junior", "mid", "senior", "lead", "executive"]
MAX_CHUNK = 1_200
"""Characters of the longest chunk."""
MAX_DOCUMENT_TEXT = 200_000
"""Characters of a document that are read; what is beyond is left out, and said so."""


class Chunk(Contract):
    """A piece of a document, in reading order from 0. `text` is verbatim.

    `parent_section` is the name of the kind of section (experience, education, ...); `entry_index` counts entries in
    their section from 0. `domains` are those of its skills, the most frequent first.
    """

    chunk_index: int = Field(ge=0)
    parent_section: str
    chunk_type: ChunkType
    entry_index: int | None = None
    text: str = Field(min_length=1, max_length=MAX_CHUNK)
    domains: tuple[str, ...] = ()
    primary_domain: str | None = None


class Skill(Contract):
    """A skill of the taxonomy, how often it is mentioned, and the first line that mentions it, verbatim."""

    name: str
    category: str
    mentions: int = Field(ge=1)
    source: str
    chunk_index: int | None = None


class DocumentSummary(Contract):
    """What is worth knowing at a glance. `experience_highlights` are verbatim lines of the document."""

    summary_points: tuple[str, ...] = ()
    key_skills: tuple[str, ...] = ()
    experience_highlights: tuple[str, ...] = ()


class Requirement(Contract):
    """One thing that a job description asks for, verbatim; `must` False: nice to have."""

    text: str
    must: bool = True
    skills: tuple[str, ...] = ()
    years: float | None = None
    chunk_index: int | None = None


class Understanding(Contract):
    """What was found in a document. `years` is of professional experience: shown in a résumé, asked in a job
    description; overlapping jobs count once. `domains` are those of the question banks with their share, 0 to 1, the
    largest first."""

    title: str | None = None
    """The job in question: the newest held, or the one offered."""
    years: float | None = None
    seniority: Seniority | None = None
    skills: tuple[Skill, ...] = ()
    domains: dict[str, float] = Field(default_factory=dict)
    sections: tuple[str, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    summary: DocumentSummary = DocumentSummary()


Coverage = Literal["covered", "weak", "missing"]


class Gap(Contract):
    """A requirement beside what the résumé shows for it. `source` is the requirement's sentence and `evidence` the
    résumé's, both verbatim; None where the résumé has nothing."""

    requirement: str
    must: bool
    coverage: Coverage
    skills: tuple[str, ...] = ()
    source: str
    evidence: str | None = None


class GapAnalysis(Contract):
    """A résumé against a job description. `match` is the share of requirements covered, a weak one counting half and a
    nice one half as much as a must; None without requirements."""

    gaps: tuple[Gap, ...] = ()
    match: float | None = Field(None, ge=0, le=1)
