"""The report: numbers from `statistics`, words put together from what the candidate said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.judgement import Quote
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.report import Report

from coach.engines import ReportMaterial
from coach.engines.scripted import summary
from coach.engines.scripted.kinds import opening
from coach.engines.scripted.summary import unjudged
from coach.engines.scripted.wording import bare
from coach.numbers import STEADY, change, numbers_of
from coach.phrases import Phrases, phrases
from coach.quotes import shortened
from coach.resources import recommend, titles
from coach.statistics import GOOD, Judged, Statistics, statistics_of

PROVENANCE = Provenance(engine="scripted")
MOST = 3
MOST_QUOTES = 6
SHORT_QUOTE = 140
_NOTHING_WEAK = "Nothing stands out as weak. Try the same cases on other questions, and with somebody who asks back."


def write_report(material: ReportMaterial) -> Report:
    """The report on a session, also on one in which nothing could be judged."""
    statistics, numbers = statistics_of(material.turns), numbers_of(material.turns, material.config)
    say = phrases(material.config.language)
    compose = _report_on_scores if statistics.scored else _report_on_nothing
    report = compose(statistics, material)
    return report.model_copy(
        update={
            "summary": summary.summary(statistics, numbers, say),
            "strength_points": summary.strength_points(statistics),
            "weakness_points": summary.weakness_points(statistics, say),
            "recommendations": summary.recommendations(statistics, material.turns, say),
            "insights": summary.insights(report.quotes),
            "hiring": numbers.hiring,
            "statistics": numbers.statistics,
        }
    )


def _report_on_scores(statistics: Statistics, material: ReportMaterial) -> Report:
    return Report(
        patterns_tendencies=_paragraphs(_patterns(statistics, material)),
        strengths=_paragraphs(_strengths(statistics)),
        weaknesses=_paragraphs(_weaknesses(statistics, phrases(material.config.language))),
        improvement_focus_areas=_paragraphs(_focus(statistics, phrases(material.config.language))) or _NOTHING_WEAK,
        recommended_resources=recommend(statistics, material.config),
        overall_score=statistics.overall,
        quotes=tuple(_quotes(statistics)),
        provenance=PROVENANCE,
    )


def _report_on_nothing(statistics: Statistics, material: ReportMaterial) -> Report:
    say = phrases(material.config.language)
    return Report(
        patterns_tendencies=_why_nothing(statistics, material.config, say),
        strengths=say("no_strengths"),
        weaknesses=_paragraphs(_unjudged(statistics, say)) or say("no_weaknesses"),
        improvement_focus_areas=say("begin"),
        recommended_resources=recommend(statistics, material.config),
        provenance=PROVENANCE,
    )


def _why_nothing(statistics: Statistics, config: SessionConfig, say: Phrases) -> str:
    if not statistics.answers:
        return say("ended")
    return say.counted("answered_in_practice" if config.mode == "practice" else "none_scored", statistics.answers)


def _unjudged(statistics: Statistics, say: Phrases) -> list[str]:
    return [unjudged(each, say) for each in (*statistics.insufficient, *statistics.uncertain)[:MOST]]


def _answers(count: int) -> str:
    return "1 answer" if count == 1 else f"{count} answers"


def _patterns(statistics: Statistics, material: ReportMaterial) -> Iterable[str]:
    yield _overview(statistics)
    yield _by_criterion(statistics)
    if len(statistics.domains) > 1:
        yield _by_domain(statistics)
    if trend := _trend(statistics):
        yield trend
    yield from summary.attempts(material.turns)


def _overview(statistics: Statistics) -> str:
    left_out = statistics.answers - len(statistics.scored)
    text = (
        f"You gave {_answers(statistics.answers)}; the mean of the {len(statistics.scored)} with a score is "
        f"{_points(statistics.overall)} of 100."
    )
    if left_out:
        text += f" Answers without a score ({left_out}) are left out of every average."
    if statistics.completeness is not None:
        text += f" Of the expected points that could be checked, you spoke to {_points(statistics.completeness)}%."
    return text


def _by_criterion(statistics: Statistics) -> str:
    names = list(statistics.criteria)
    if not names:
        return "No criteria were recorded with these scores."
    low, high = names[0], names[-1]
    if statistics.criteria[low] == statistics.criteria[high]:
        return f"All criteria are level, at {_points(statistics.criteria[low])}."
    return (
        f"Your strongest criterion is {high} ({_points(statistics.criteria[high])}), "
        f"your weakest {low} ({_points(statistics.criteria[low])})."
    )


def _by_domain(statistics: Statistics) -> str:
    named = titles(statistics.domains)
    means = [f"{named[name]} {_points(mean)}" for name, mean in reversed(statistics.domains.items())]
    return f"By field: {', '.join(means)}."


def _trend(statistics: Statistics) -> str | None:
    rise = change([each.score for each in statistics.scored])
    if rise is None:
        return None
    if abs(rise) < STEADY:
        return "Your level was steady from the first answer to the last."
    return f"Your scores {'rose' if rise > 0 else 'fell'} by {_points(abs(rise))} points over the interview."


def _strengths(statistics: Statistics) -> Iterable[str]:
    best = [each for each in _ranked(statistics)[::-1] if _verbatim(each)][:MOST]
    for each in best:
        quote = max(_verbatim(each), key=lambda found: bool(found.shows))
        asked = shortened(each.question)
        yield f"In your answer to {asked} you said {_quoted(quote.text)}{_showing(quote)}."
    high = [name for name, mean in reversed(statistics.criteria.items()) if mean >= GOOD]
    if high:
        name = high[0]
        yield f"Your {name} is a strength: {statistics.anchor_of(name)}."
    if not best and not high:
        yield "No answer yet shows a strength that could be quoted."


def _weaknesses(statistics: Statistics, say: Phrases) -> Iterable[str]:
    low = next(iter(statistics.criteria), None)
    if low and statistics.criteria[low] < GOOD:
        yield f"Your lowest criterion is {low}: {statistics.anchor_of(low)}."
    for each in _ranked(statistics)[:MOST]:
        if each.score < GOOD:
            yield _weak_answer(each)
    yield from _unjudged(statistics, say)
    if all(each.score >= GOOD for each in statistics.scored):
        yield "No scored answer fell below a solid level."


def _weak_answer(judged: Judged) -> str:
    text = (
        f"Your answer to {shortened(judged.question)} (“{opening(judged.answer, 80)}”) "
        f"scored {_points(judged.score)} of 100."
    )
    return f"{text} {judged.feedback.improvements[0]}" if judged.feedback.improvements else text


def _focus(statistics: Statistics, say: Phrases) -> Iterable[str]:
    for name in statistics.lacking[:2]:
        yield f"{name.capitalize()}: {say(f'how_{name}')}"
    advice = Counter(tip for each in statistics.scored for tip in dict.fromkeys(each.feedback.improvements))
    for tip, times in advice.most_common(MOST):
        if times > 1:
            yield f"In {times} of your answers: {tip}"
    for each in _ranked(statistics)[:2]:
        if each.feedback.improvements:
            yield f"When you are asked {shortened(each.question)} again: {each.feedback.improvements[0]}"
    if statistics.insufficient:
        yield "Leave no question without an attempt: what you would try first can be judged, a pass cannot."


def _ranked(statistics: Statistics) -> list[Judged]:
    """The scored answers, weakest first; of equals the earlier."""
    return sorted(statistics.scored, key=lambda each: each.score)


def _verbatim(judged: Judged) -> list[Quote]:
    """The quotes that are in the answer as it stands: it may have been corrected since."""
    return [quote for quote in judged.feedback.quotes if quote.text in judged.answer]


def _quotes(statistics: Statistics) -> Iterable[Quote]:
    best_first = _ranked(statistics)[::-1]
    return [quote for each in best_first for quote in _verbatim(each)[:2]][:MOST_QUOTES]


def _quoted(text: str) -> str:
    line = " ".join(text.split())
    return f"“{line}”" if len(line) <= SHORT_QUOTE else f"“{line[:SHORT_QUOTE].rsplit(' ', 1)[0]} …”"


def _showing(quote: Quote) -> str:
    return f" ({bare(quote.shows)})" if quote.shows else ""


def _points(share: float | None) -> int:
    return round((share or 0) * 100)


def _paragraphs(parts: Iterable[str]) -> str:
    return "\n".join(dict.fromkeys(parts))
