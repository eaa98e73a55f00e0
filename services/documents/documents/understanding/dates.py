"""Ranges of dates, as people write them about jobs and schools."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from documents.understanding.wordlists import any_of, words

_FIRST_YEAR, _LAST_YEAR = 1950, 2100
_CENTURY = 60
"""Years in two digits from here on are of the last century."""
_SEASON = 3
_MONTHS = 12


@dataclass(frozen=True)
class DateRange:
    """From a month to a month, as counted from year 0; `end` is the month after the last, None for the present.

    `start_at` and `end_at` are where it stands in its line. `single`: it was a point in time, such as a year.
    """

    start: int
    end: int | None
    start_at: int
    end_at: int
    single: bool = False
    vague_end: bool = False
    """The last year is told without a month."""

    def months(self, today: date) -> tuple[int, int]:
        """The months from and until, none of them in the future."""
        now = today.year * _MONTHS + today.month
        return min(self.start, now), min(now if self.end is None else self.end, now)


@dataclass(frozen=True)
class _Point:
    """A year, a month or a season: the months from and until."""

    start: int
    end: int
    has_month: bool


def range_in(line: str) -> DateRange | None:
    """The first range of dates in a line, else the first point in time; None without either."""
    found = _range().search(line)
    if found is None:
        return _single_in(line)
    if open_from := found["since"] or found["after"] or found["open"]:
        point = _point(open_from)
        return DateRange(point.start, None, *found.span()) if point else None
    start, end = _point(found["start"]), _point(found["end"]) if found["end"] else None
    if start is None or (found["end"] and end is None):
        return None
    if end is not None and end.end <= start.start:
        return None
    return DateRange(start.start, _until(end), *found.span(), vague_end=end is not None and not end.has_month)


def _until(end: _Point | None) -> int | None:
    """A last month is worked in; of a last year nobody knows how much, so that neighbouring jobs do not overlap."""
    if end is None:
        return None
    return end.end if end.has_month else end.start


def _single_in(line: str) -> DateRange | None:
    found = _single().search(line)
    point = _point(found[0]) if found else None
    return DateRange(point.start, point.end, *found.span(), single=True) if found and point else None


def without_dates(line: str) -> str:
    """The line without ranges of dates and points in time."""
    return _single().sub(" ", _range().sub(" ", line))


def _point(text: str | None) -> _Point | None:
    if text is None:
        return None
    match = _parts().fullmatch(text.strip())
    if match is None:
        return None
    named = match["name"] or match["season"]
    short = match["short"]
    year = int(match["year"] or match["year_first"] or match["year_last"] or match["cjk"] or short)
    if year < 100:
        year += 1900 if year >= _CENTURY else 2000
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    month = _month(named) if named else int(match["month_last"] or match["month_first"] or match["cjk_month"] or 0)
    if not 0 <= month <= _MONTHS:
        return None
    start = year * _MONTHS + (month or 1)
    length = _MONTHS if not month else _SEASON if match["season"] else 1
    return _Point(start, start + length, bool(month))


def _month(name: str) -> int:
    return _months()[name.casefold().rstrip(".")]


@cache
def _months() -> dict[str, int]:
    lists = words("dates")
    named = {name: number for number, names in enumerate(lists["months"], 1) for name in names}
    seasons: dict[str, int] = lists["seasons"]
    return named | seasons


@cache
def _point_pattern() -> str:
    """One point in time, without names for its parts, so that it can stand twice in a pattern."""
    names = any_of(_months())
    year = r"(?:19|20)\d\d"
    return (
        rf"(?:(?:\d{{1,2}}\.?\s+)?{names}\.?,?\s*(?:of|de|del|/|-)?\s*(?:{year}|['’]\d\d)"  # noqa: RUF001
        rf"|(?:\d{{1,2}}\.)?\d{{1,2}}\s?[./-]\s?{year}"
        rf"|{year}\s?[./-]\s?(?:1[0-2]|0?[1-9])(?!\d)(?:[./-]\d\d(?!\d))?"
        rf"|{year}\s?[年년](?:\s?\d{{1,2}}\s?[月월])?"
        rf"|(?:1[0-2]|0[1-9])/\d\d(?!\d)"
        rf"|{year})"
    )


@cache
def _range() -> re.Pattern[str]:
    lists = words("dates")
    point, present = _point_pattern(), any_of(lists["present"])
    to = any_of(lists["to"])
    since = any_of(lists["since"])
    dash = r"[-–—−‐~～〜]"  # noqa: RUF001
    return re.compile(
        rf"(?<![\d.,/])(?:(?:{since}\s+)?(?P<start>{point})\s*{to}\s*(?:(?P<end>{point})|(?:the\s+)?{present})(?!\d)"
        rf"|(?P<after>{point})\s*(?:{dash}\s*)?{present}"
        rf"|{since}\s+(?P<since>{point})(?!\d)"
        rf"|(?P<open>{point})\s*(?:से(?!\S)|{dash}\s*(?=$|[,;|)\]])))",
        re.IGNORECASE,
    )


@cache
def _single() -> re.Pattern[str]:
    return re.compile(rf"(?<![\d.,/€$£])(?:{_point_pattern()})(?![\d%])(?![.,]\d)", re.IGNORECASE)


@cache
def _parts() -> re.Pattern[str]:
    lists = words("dates")
    months = any_of(name for names in lists["months"] for name in names)
    seasons = any_of(lists["seasons"])
    year = r"(?:19|20)\d\d"
    return re.compile(
        rf"(?:\d{{1,2}}\.?\s+)?(?:(?P<name>{months})|(?P<season>{seasons}))\.?,?\s*(?:of|de|del|/|-)?\s*"
        rf"(?:(?P<year>{year})|['’](?P<short>\d\d))"  # noqa: RUF001
        rf"|(?:\d{{1,2}}\.)?(?P<month_first>\d{{1,2}})\s?[./-]\s?(?P<year_last>{year}|\d\d)"
        rf"|(?P<year_first>{year})(?:\s?[./-]\s?(?P<month_last>\d{{1,2}})(?:[./-]\d\d)?)?"
        rf"|(?P<cjk>{year})\s?[年년](?:\s?(?P<cjk_month>\d{{1,2}})\s?[月월])?",
        re.IGNORECASE,
    )
