"""Feedback and reports put together from what the models wrote. Nothing is said that no verdict says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from contracts.vocabulary.judgement import TOP_LEVEL, Judgement, Quote
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.report import Report, Resource

from coach.engines.llm.verdicts import ReportWords
from coach.numbers import Numbers

if TYPE_CHECKING:
    from coach.engines.llm.panel import Judged

GOOD = 3
"""The level from which on a criterion is a strength."""
MOST = 5
MOST_QUOTES = 4
MOST_INSIGHTS = 6
MOST_RECOMMENDATIONS = 6


def _ranked(found: Iterable[Judged]) -> list[Judged]:
    """Those with a level, best first."""
    known = [each for each in found if each.judgement.level is not None]
    return sorted(known, key=lambda each: -(each.judgement.level or 0))


def strengths(found: Iterable[Judged]) -> tuple[str, ...]:
    """What was good, where words support it."""
    good = (each for each in _ranked(found) if (each.judgement.level or 0) >= GOOD and each.judgement.quotes)
    return _distinct(each.verdict.strength for each in good)


def improvements(found: Iterable[Judged]) -> tuple[str, ...]:
    """What would raise the levels, the lowest first."""
    lower = [each for each in reversed(_ranked(found)) if (each.judgement.level or 0) < TOP_LEVEL]
    return _distinct(each.verdict.improvement for each in lower)


def quotes(found: Iterable[Judged]) -> tuple[Quote, ...]:
    """The words that support the highest levels."""
    said: dict[str, Quote] = {}
    for each in _ranked(found):
        for text in each.judgement.quotes[:1]:
            said.setdefault(text, Quote(text=text, shows=each.judgement.criterion))
    return tuple(said.values())[:MOST_QUOTES]


def feedback_text(found: Iterable[Judged]) -> str:
    """Two to four sentences: the best and the weakest of it, and what to do about that."""
    ranked = _ranked(found)
    if not ranked:
        return "Not enough was said to judge this answer."
    best, weakest = ranked[0], ranked[-1]
    parts = [best.verdict.strength or best.judgement.explanation]
    if weakest is not best:
        parts.append(weakest.judgement.explanation)
    parts.append(weakest.verdict.improvement)
    return " ".join(_distinct(parts))


def analysis(judgements: Iterable[Judgement]) -> str:
    """Each criterion with its explanation, a line each."""
    return "\n".join(f"{each.criterion.capitalize()}: {each.explanation}" for each in judgements if each.explanation)


def report(
    words: ReportWords,
    numbers: Numbers,
    resources: Sequence[Resource],
    provenance: Provenance,
    verified: Callable[[str], str | None],
) -> Report:
    """A report from a model's words and code's numbers."""
    found = [(text, each.shows.strip()) for each in words.insights if (text := verified(each.quote))]
    said = [Quote(text=text, shows=shows) for text, shows in found][:MOST_INSIGHTS]
    return Report(
        patterns_tendencies=words.patterns_tendencies,
        strengths="\n".join(_distinct(words.strengths)),
        weaknesses="\n".join(_distinct(words.weaknesses)),
        improvement_focus_areas="\n".join(_distinct(words.improvement_focus_areas)),
        recommended_resources=tuple(resources),
        overall_score=numbers.overall,
        quotes=tuple(said),
        provenance=provenance,
        summary=words.summary,
        strength_points=_distinct(words.strengths),
        weakness_points=_distinct(words.weaknesses),
        recommendations=_distinct(words.recommendations)[:MOST_RECOMMENDATIONS],
        insights=tuple(f"{each.shows}: “{' '.join(each.text.split())}”" for each in said),
        hiring=numbers.hiring,
        statistics=numbers.statistics,
    )


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.strip() for text in texts if text.strip()))[:MOST]
