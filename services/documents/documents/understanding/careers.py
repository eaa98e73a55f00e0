"""Jobs: the newest title, the years of experience, and the seniority that both tell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from contracts.documents.understanding import Seniority

from documents.understanding.sections import Entry, Section
from documents.understanding.titles import is_title, seniority_of

_JUNIOR_UNTIL, _MID_UNTIL = 2.0, 5.0
"""Years of experience."""
_MONTHS = 12


def jobs_of(sections: Iterable[Section]) -> tuple[Entry, ...]:
    """The entries of all sections of jobs."""
    return tuple(entry for section in sections if section.name == "experience" for entry in section.entries)


def newest(jobs: Sequence[Entry], today: date) -> Entry | None:
    """The job held now or last; among equals the one that began last, then the one named first."""
    titled = [job for job in jobs if job.title]
    dated = [(job.dates.months(today), job) for job in titled if job.dates]
    if not dated:
        return titled[0] if titled else None
    best = max(months[::-1] for months, _ in dated)
    return next(job for months, job in dated if months[::-1] == best)


def years_of(jobs: Sequence[Entry], today: date) -> float | None:
    """Years of the dated jobs, internships aside; where they overlap they count once. None without dates."""
    dates = [job.dates for job in jobs if job.dates and not _is_internship(job)]
    if not dates:
        return 0.0 if any(job.dates for job in jobs) else None
    total = 0
    reached = 0
    vague = False
    for span in sorted(dates, key=lambda each: each.months(today)):
        start, end = span.months(today)
        if vague and reached < start < reached + _MONTHS:
            start = reached  # "2018 - 2021" and "October 2021 -" leave no gap
        total += max(0, end - max(start, reached))
        if end >= reached:
            reached, vague = end, span.vague_end
    return round(total / _MONTHS, 1)


def _is_internship(job: Entry) -> bool:
    return job.title is not None and seniority_of(job.title) == "intern"


def seniority(title: str | None, years: float | None) -> Seniority | None:
    """What the title says, else what the years do; None where neither says anything."""
    said = seniority_of(title) if title else None
    if said:
        return said
    if years is None:
        return None
    if years < _JUNIOR_UNTIL:
        return "junior"
    return "mid" if years < _MID_UNTIL else "senior"


def titled(texts: Iterable[str]) -> str | None:
    """The first short text that reads as the title of a job."""
    return next((text for text in texts if is_title(text) and len(text.split()) <= 10), None)
