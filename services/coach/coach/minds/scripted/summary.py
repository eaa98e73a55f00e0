"""The short lines of a report, each put together from numbers and the candidate's own words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from contracts.interview import Quote, TranscriptTurn

from coach.minds.scripted.wording import bare
from coach.numbers import Numbers
from coach.quotes import shortened
from coach.rubric import anchor
from coach.statistics import Statistics

MOST = 6
GOOD = 0.6
_TRENDS = {
    "improving": "You got stronger as the interview went on.",
    "declining": "Your first answers were the stronger ones.",
    "consistent": "Your level was steady throughout.",
    "too_few_questions": "",
}


def summary(statistics: Statistics, numbers: Numbers) -> str:
    """The whole in two to four sentences."""
    if numbers.overall is None:
        return "There was no answer that could be judged, so there is no score."
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
    high = [(name, mean) for name, mean in reversed(statistics.criteria.items()) if mean >= GOOD]
    lines = [f"{name.capitalize()} ({round(mean * 100)} of 100): {_anchor(name, mean)}." for name, mean in high]
    best = sorted(statistics.scored, key=lambda each: -each.score)
    lines += [each.feedback.strengths[0] for each in best[:2] if each.feedback.strengths]
    return tuple(dict.fromkeys(lines))[:MOST]


def weakness_points(statistics: Statistics) -> tuple[str, ...]:
    """What was weak, a line each."""
    low = [(name, mean) for name, mean in statistics.criteria.items() if mean < GOOD]
    lines = [f"{name.capitalize()} ({round(mean * 100)} of 100): {_anchor(name, mean)}." for name, mean in low]
    lines += [
        f"Your answer to {shortened(each.question.text)} gave too little to judge." for each in statistics.insufficient
    ]
    return tuple(dict.fromkeys(lines))[:MOST]


def recommendations(statistics: Statistics, how_to: dict[str, str], turns: Sequence[TranscriptTurn]) -> tuple[str, ...]:
    """What to do next, the most useful first."""
    lines = [how_to[name] for name, mean in list(statistics.criteria.items())[:2] if mean < 1]
    advice = Counter(tip for each in statistics.scored for tip in each.feedback.improvements)
    lines += [tip for tip, _ in advice.most_common(3)]
    lines += _attempts(turns)
    if not lines:
        lines = ["Answer a few questions in full sentences: what you did or would do, why, and what came of it."]
    return tuple(dict.fromkeys(lines))[:MOST]


def _attempts(turns: Sequence[TranscriptTurn]) -> Iterator[str]:
    """How further attempts did."""
    for turn in turns:
        known = [score for score in turn.attempts if score is not None]
        if len(known) > 1:
            first, last = round(known[0] * 100), round(known[-1] * 100)
            yield (
                f"On attempt {len(turn.attempts)} at {shortened(turn.question.text)} you went from {first} to {last}: "
                f"{'keep what you changed' if last > first else 'compare the two'}."
            )


def insights(quotes: Sequence[Quote]) -> tuple[str, ...]:
    """One line for each quote: what it shows, and the words."""
    shown = [quote for quote in quotes if quote.shows]
    return tuple(f"{_capital(bare(quote.shows))}: “{' '.join(quote.text.split())}”" for quote in shown)[:MOST]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _anchor(criterion: str, mean: float) -> str:
    return "on average, " + anchor(criterion, round(mean * 4), "behavioral")  # type: ignore[arg-type]
