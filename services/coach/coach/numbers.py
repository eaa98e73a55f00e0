"""The numbers of a report: all counted from the feedback that was given, whoever gave it. None is an impression."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, linear_regression, pstdev
from typing import Literal

from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.report import HiringDecision, HiringRecommendation, QuestionScore, ReportStatistics
from contracts.vocabulary.turn import TranscriptTurn

from coach.delivery import of_all
from coach.rubric import CRITERIA

METRICS = ("technical_accuracy", "completeness", "clarity")
FEWEST_FOR_TREND = 3
STEADY = 0.1
"""Change over the whole interview, on a scale of 0 to 1 and by the fitted line, below which scores are consistent: a
quarter of what one level in every criterion makes would be noise."""
FEWEST_FOR_A_DECISION = 2
DECISIONS: tuple[tuple[float, HiringDecision], ...] = (
    (0.85, "strong_yes"),
    (0.65, "yes"),
    (0.45, "maybe"),
    (0.0, "no"),
)
"""From which overall score on. Interviews predict performance with r = .42 at best, so nothing here is a verdict."""
_WORDS: dict[HiringDecision, str] = {
    "strong_yes": "well above what a solid answer needs",
    "yes": "at the level of solid answers",
    "maybe": "between partial and solid answers",
    "no": "below what a solid answer needs",
    "not_enough_evidence": "",
}


@dataclass(frozen=True)
class Numbers:
    """What the feedback on an interview adds up to. `overall` is the mean of the scores, None without any; `hiring` is
    None where only the built-in coach judged, which cannot tell whether what was said is right."""

    statistics: ReportStatistics
    overall: float | None
    hiring: HiringRecommendation | None


def numbers_of(turns: Iterable[TranscriptTurn], config: SessionConfig) -> Numbers:
    """The numbers of a transcript."""
    turns = tuple(turns)
    judged = [turn for turn in turns if turn.answer and turn.feedback and turn.feedback.judged]
    questions = tuple(map(_question, judged))
    scored = [turn for turn in judged if turn.feedback and turn.feedback.score is not None]
    scores = [each.score for each in questions if each.score is not None]
    statistics = ReportStatistics(
        questions=questions,
        criteria=_means(scored, CRITERIA, _criterion),
        metrics=_means(scored, METRICS, _metric),
        domains=_grouped(questions, lambda each: each.domain),
        difficulties=_grouped(questions, lambda each: each.difficulty),
        phases=_grouped(questions, lambda each: each.phase),
        trend=_trend(scores),
        delivery=of_all(judged, turns, config.language),
    )
    return Numbers(statistics, _mean(scores), _recommendation(scored))


def _recommendation(scored: Sequence[TranscriptTurn]) -> HiringRecommendation | None:
    """By what a model judged alone."""
    judged = [each.feedback for each in scored if each.feedback and each.feedback.provenance.engine == "llm"]
    if scored and not judged:
        return None
    scores = [each.score for each in judged if each.score is not None]
    return hiring(_mean(scores), scores)


def hiring(overall: float | None, scores: Sequence[float]) -> HiringRecommendation:
    """The decision by thresholds. Confidence is n / (n + 2) for n judged answers, times their agreement: one minus
    twice the standard deviation of the scores."""
    count = len(scores)
    if overall is None or count < FEWEST_FOR_A_DECISION:
        reasoning = f"{count} answer{'s' * (count != 1)} could be judged; at least {FEWEST_FOR_A_DECISION} are needed."
        return HiringRecommendation(decision="not_enough_evidence", confidence=0.0, reasoning=reasoning)
    decision = next(name for least, name in DECISIONS if overall >= least)
    agreement = max(0.0, 1 - 2 * pstdev(scores))
    reasoning = (
        f"The mean of {count} judged answers is {round(overall * 100)} of 100, {_WORDS[decision]}; "
        f"they range from {round(min(scores) * 100)} to {round(max(scores) * 100)}."
    )
    confidence = round(count / (count + 2) * agreement, 2)
    return HiringRecommendation(decision=decision, confidence=confidence, reasoning=reasoning)


def change(scores: Sequence[float]) -> float | None:
    """By how much scores rose over an interview, by least squares; None for too few of them."""
    if len(scores) < FEWEST_FOR_TREND:
        return None
    return linear_regression(range(len(scores)), scores).slope * (len(scores) - 1)


def _trend(scores: Sequence[float]) -> Literal["improving", "declining", "consistent", "too_few_questions"]:
    rise = change(scores)
    if rise is None:
        return "too_few_questions"
    if abs(rise) < STEADY:
        return "consistent"
    return "improving" if rise > 0 else "declining"


def _question(turn: TranscriptTurn) -> QuestionScore:
    question, feedback = turn.question, turn.feedback
    assert feedback is not None
    return QuestionScore(
        turn=turn.turn,
        kind=question.kind,
        phase=question.phase,
        domain=question.domain,
        difficulty=question.difficulty,
        score=feedback.score,
        technical_accuracy=feedback.technical_accuracy,
        completeness=feedback.completeness,
        clarity=feedback.clarity,
        attempts=turn.attempts,
        estimate=feedback.estimated if feedback.score is None else None,
    )


def _criterion(turn: TranscriptTurn, name: str) -> float | None:
    found: float | None = getattr(turn.feedback.criteria, name) if turn.feedback else None
    return found


def _metric(turn: TranscriptTurn, name: str) -> float | None:
    found: float | None = getattr(turn.feedback, name) if turn.feedback else None
    return found


def _means(
    turns: Sequence[TranscriptTurn], names: Iterable[str], value: Callable[[TranscriptTurn, str], float | None]
) -> dict[str, float]:
    found = {name: _mean([known for turn in turns if (known := value(turn, name)) is not None]) for name in names}
    return {name: mean for name, mean in found.items() if mean is not None}


def _grouped(questions: Sequence[QuestionScore], key: Callable[[QuestionScore], str | None]) -> dict[str, float]:
    groups: dict[str, list[float]] = {}
    for each in questions:
        name = key(each)
        if name and each.score is not None:
            groups.setdefault(name, []).append(each.score)
    return {name: round(fmean(scores), 3) for name, scores in groups.items()}


def _mean(values: Sequence[float]) -> float | None:
    return round(fmean(values), 3) if values else None
