"""What pieces of the documents give to ask about. Each point cites the piece that it stands in, and is checked to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from contracts.documents.asks import Hit
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.document import SourceRef
from contracts.vocabulary.limits import MAX_RESUME
from contracts.vocabulary.turn import TurnContext

from interviewer.documents import Point, digest_of
from interviewer.planning import JOB, RESUME
from interviewer.quoting import clipped, head_of, is_measured, lines_in, tools_in
from interviewer.technologies import names_of
from interviewer.tracing import plain, stands_in

_WORK = frozenset({"experience", "projects"})
_WITH_TOOLS = frozenset({"experience", "projects", "skills", "summary", "certifications"})
_WANTED = frozenset({"requirements", "responsibilities"})
_OF_THE_JOB = _WANTED | {"nice_to_have"}
_KINDS_IN: dict[str, frozenset[str]] = {
    "resume": frozenset({"ownership", "number", "technology", "post", "study", "shared", "gap", "requirement", "line"}),
    "technical": frozenset({"technology", "ownership", "number", "shared", "gap", "requirement", "line", "post"}),
    "behavioral": frozenset({"ownership", "number", "post"}),
}
_ID_OF = {RESUME: "resume", JOB: "job-description"}
LeadIn = Literal["technology", "work", "job"]
LEADS_IN_BY: dict[str, LeadIn] = {
    "technology": "technology",
    "ownership": "work",
    "number": "work",
    "shared": "job",
    "requirement": "job",
    "gap": "job",
}
"""How a point brings up a question that is about something else."""


@dataclass(frozen=True)
class Found:
    """The points of a turn that were not used yet, best first."""

    points: tuple[Point, ...]
    hits: tuple[Hit, ...]
    before: tuple[str, ...] = ()
    """The entries that the last two questions were about."""

    def to_ask_about(self, phase: str, domain: str | None) -> list[Point]:
        """The points for a question of its own, best first: of the wanted document or domain, and of what was spoken
        of least. Nobody wants to go through a job description, or a list of skills, one by one."""
        kinds = _KINDS_IN.get(phase, frozenset())
        fitting = (point for point in self.points if point.kind in kinds and not self._goes_through_a_list(point))
        return sorted(
            fitting,
            key=lambda point: (
                phase == "technical" and point.kind == "post",  # better kept for later
                point.entry in self.before[-1:],
                domain not in {None, point.document, *point.domains},
            ),
        )

    def to_lead_in(self, domain: str) -> list[Point]:
        """The points that may bring up a question of that domain, if one of them shares its subject."""
        return [point for point in self.points if point.kind in LEADS_IN_BY and domain in point.domains]

    def _goes_through_a_list(self, point: Point) -> bool:
        """Whether it is the third in a row of a job description, or of a list of skills."""
        begin = _ID_OF[JOB] if point.document == JOB else point.entry
        is_of_a_list = point.document == JOB or point.kind == "technology"
        return is_of_a_list and len(self.before) > 1 and all(each.startswith(begin) for each in self.before)

    def holds(self, point: Point) -> bool:
        """Whether what the point says stands in each piece that it cites."""
        texts = {(hit.document_id, hit.chunk.chunk_index): hit.chunk.text for hit in self.hits}
        cited = [texts.get((source.document_id, source.chunk_index), "") for source in point.sources]
        return bool(cited) and all(stands_in(point.claim, plain(text)) for text in cited)


def find_points(hits: Sequence[Hit], context: TurnContext) -> Found:
    """What the pieces give to ask about, without what was asked about before; the entry spoken of least comes first."""
    spoken = _spoken(context)
    asked = {_digest(each) for each in context.asked_ids}
    points = list({point.id: point for point in _points(hits, context.config)}.values())
    used = [point for point in points if _digest(point.id) in asked or stands_in(point.claim, spoken)]
    known = {point.id for point in used}
    visits = Counter(each.rsplit("-", 1)[0] for each in context.asked_ids)
    visits.update(point.entry for point in used if point.id not in context.asked_ids)
    fresh = [point for point in points if point.id not in known]
    before = tuple(each.rsplit("-", 1)[0] for each in context.asked_ids[-2:])
    found = Found(tuple(sorted(fresh, key=lambda point: visits[point.entry])), tuple(hits), before)
    return replace(found, points=tuple(point for point in found.points if found.holds(point)))


def _spoken(context: TurnContext) -> str:
    said = (each.text for each in context.transcript if each.role == "interviewer")
    return plain(" ".join((*said, context.question.text)))


def _points(hits: Sequence[Hit], config: SessionConfig) -> Iterator[Point]:
    for hit in hits:
        if hit.kind == "resume" and hit.document_id == config.resume_id:
            yield from _of_resume(hit)
        elif hit.kind == "job_description" and hit.document_id == config.job_description_id:
            yield from _of_job(hit, hits, config)


def _of_resume(hit: Hit) -> Iterator[Point]:
    chunk = hit.chunk
    if chunk.chunk_type == "entry" and (head := head_of(chunk)):
        if chunk.parent_section in _WORK:
            yield _point(hit, "post", head)
        elif chunk.parent_section == "education":
            yield _point(hit, "study", head)
    if chunk.parent_section in _WORK and chunk.chunk_type != "entry":
        lines = list(lines_in(chunk.text))
        for line in sorted(lines, key=lambda line: not is_measured(line)):
            yield _point(hit, "ownership", line)
    if chunk.parent_section in _WITH_TOOLS:
        for tool in tools_in(chunk.text):
            yield _point(hit, "technology", tool)


def _of_job(hit: Hit, hits: Sequence[Hit], config: SessionConfig) -> Iterator[Point]:
    section, text = hit.chunk.parent_section, hit.chunk.text
    if section in _WANTED:
        for tool in tools_in(text):
            yield _about_tool(hit, tool, hits, config)
    if section in _OF_THE_JOB:
        for line in lines_in(text):
            yield _point(hit, "line", line)


def _about_tool(hit: Hit, tool: str, hits: Sequence[Hit], config: SessionConfig) -> Point:
    """Whether the résumé has it too is said only where a piece of it shows it, or where all of it is known."""
    point = _point(hit, "requirement", tool)
    for other in hits:
        if other.kind == "resume" and stands_in(tool, plain(other.chunk.text)):
            return replace(point, kind="shared", sources=(*point.sources, _source(other)))
    resume = config.resume_content.lower()
    whole = resume.strip() and len(resume) < MAX_RESUME
    if whole and hit.chunk.parent_section == "requirements" and not any(name in resume for name in names_of(tool)):
        return replace(point, kind="gap")
    return point


def _point(
    hit: Hit, kind: Literal["ownership", "technology", "post", "study", "requirement", "line"], text: str
) -> Point:
    chunk = hit.chunk
    claim = clipped(text)
    place = chunk.entry_index if chunk.entry_index is not None else f"c{chunk.chunk_index}"
    entry = f"{_ID_OF[hit.kind]}-{chunk.parent_section}.{place}"
    measured = kind == "ownership" and is_measured(claim)
    return Point(
        id=f"{entry}-{digest_of(text)}",
        document=hit.kind,
        kind="number" if measured else kind,
        claim=claim,
        sources=(_source(hit),),
        entry=entry,
        domains=chunk.domains,
    )


def _source(hit: Hit) -> SourceRef:
    return SourceRef(document_id=hit.document_id, chunk_index=hit.chunk.chunk_index)


def _digest(id: str) -> str:
    """What the ids of the same words have in common."""
    return id.rsplit("-", 1)[-1]


def not_cited(points: Iterable[Point], context: TurnContext) -> Iterator[Point]:
    """Those of the points in the whole text that no question cited, or was led in by."""
    cited = {_digest(each) for each in (*context.asked_ids, *context.asked_before) if "." in each}
    spoken = _spoken(context)
    return (point for point in points if _digest(point.id) not in cited and not stands_in(point.claim, spoken))
