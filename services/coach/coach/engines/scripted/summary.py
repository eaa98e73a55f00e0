"""The short lines of a report, each put together from numbers and the candidate's own words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from contracts.vocabulary.judgement import CriterionName, Quote
from contracts.vocabulary.turn import TranscriptTurn

from coach.engines.scripted.kinds import opening
from coach.engines.scripted.wording import bare
from coach.numbers import Numbers
from coach.phrases import Phrases
from coach.quotes import shortened
from coach.statistics import GOOD, Judged, Statistics

MOST = 6
FEWEST = 3
_ORDINALS = {2: "second", 3: "third", 4: "fourth", 5: "fifth"}
_TRENDS = {
    "improving": "You got stronger as the interview went on.",
    "declining": "Your first answers were the stronger ones.",
    "consistent": "Your level was steady throughout.",
    "too_few_questions": "",
}


def summary(statistics: Statistics, numbers: Numbers, say: Phrases) -> str:
    """The whole in two to four sentences."""
    if numbers.overall is None:
        return say("no_score")
    count = len(statistics.scored)
    parts = [
        f"{count} answer{'s were' if count > 1 else ' was'} judged; the mean is {round(numbers.overall * 100)} of 100."
    ]
    names = list(statistics.criteria)
    if len(names) > 1 and statistics.criteria[names[0]] != statistics.criteria[names[-1]]:
        parts.append(f"The strongest criterion is {names[-1]}, the weakest {names[0]}.")
    parts.append(_TRENDS[numbers.statistics.trend])
    return " ".join(part for part in parts if part)


def strength_points(statistics: Statistics) -> tuple[str, ...]:
    """What was strong, a line each."""
    high = [name for name, mean in reversed(statistics.criteria.items()) if mean >= GOOD]
    best = sorted(statistics.scored, key=lambda each: -each.score)
    lines = [_line(statistics, name) for name in high]
    lines += [each.feedback.strengths[0] for each in best[:2] if each.feedback.strengths]
    return tuple(dict.fromkeys(lines))[:MOST]


def weakness_points(statistics: Statistics, say: Phrases) -> tuple[str, ...]:
    """What was weak, a line each."""
    lines = [_line(statistics, name) for name, mean in statistics.criteria.items() if mean < GOOD]
    lines += [unjudged(each, say) for each in statistics.insufficient]
    return tuple(dict.fromkeys(lines))[:MOST]


def unjudged(judged: Judged, say: Phrases) -> str:
    """Why an answer has no score."""
    why = "not_confident" if judged.feedback.interval else "gave_too_little"
    return say(why, question=shortened(judged.question), words=opening(judged.answer, 60))


def _line(statistics: Statistics, name: CriterionName) -> str:
    return f"{name.capitalize()} ({round(statistics.criteria[name] * 100)} of 100): {statistics.anchor_of(name)}."


def recommendations(statistics: Statistics, turns: Sequence[TranscriptTurn], say: Phrases) -> tuple[str, ...]:
    """What to do next, the most useful first: three to six lines."""
    lines = [say(f"how_{name}") for name in statistics.lacking[:2]] if statistics.scored else [say("begin")]
    lines += attempts(turns)
    advice = Counter(tip for each in statistics.scored for tip in each.feedback.improvements)
    lines += [tip for tip, _ in advice.most_common(3)]
    rest = (say(f"how_{name}") for name in ("evidence", "relevance", "depth") if len(set(lines)) < FEWEST)
    return tuple(dict.fromkeys([*lines, *rest]))[:MOST]


def attempts(turns: Sequence[TranscriptTurn]) -> Iterator[str]:
    """How further attempts at a question did."""
    for turn in turns:
        known = [round(score * 100) for score in turn.attempts if score is not None]
        if len(known) > 1:
            which = _ORDINALS.get(len(turn.attempts), f"{len(turn.attempts)}th")
            then = "keep what you changed" if known[-1] > known[0] else "compare the two answers"
            yield (
                f"On your {which} attempt at {shortened(turn.question)} you went from {known[0]} to {known[-1]}: "
                f"{then}."
            )


def insights(quotes: Sequence[Quote]) -> tuple[str, ...]:
    """One line for each quote: what it shows, and the words."""
    shown = [quote for quote in quotes if quote.shows]
    return tuple(f"{_capital(bare(quote.shows))}: “{' '.join(quote.text.split())}”" for quote in shown)[:MOST]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
