"""The numbers of a report. All of them come from the feedback that was given, none is an impression."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

from contracts.vocabulary.judgement import TOP_LEVEL, CriterionName, Feedback
from contracts.vocabulary.question import Phase, Question
from contracts.vocabulary.turn import TranscriptTurn

from coach.rubric import CRITERIA, anchor, is_introduction, is_technical
from coach.said import sure_of

GOOD = 0.6
"""From this mean on a criterion is a strength."""


@dataclass(frozen=True)
class Judged:
    """An answer, its guessed words veiled, with the feedback that it got."""

    question: Question
    answer: str
    feedback: Feedback

    @property
    def score(self) -> float:
        """Its score; 0 where there is none, which `scored` never holds."""
        return self.feedback.score or 0.0

    @property
    def domain(self) -> str | None:
        """The domain that it belongs to in the list of resources."""
        return "introduction" if is_introduction(self.question) else self.question.domain


@dataclass(frozen=True)
class Statistics:
    """What the feedback on a session adds up to."""

    answers: int
    scored: tuple[Judged, ...]
    insufficient: tuple[Judged, ...]
    """Those that gave too little."""
    uncertain: tuple[Judged, ...]
    """Those with content whose worth could not be told."""
    without_feedback: int

    @cached_property
    def overall(self) -> float | None:
        """The mean of the scores; None when nothing was scored."""
        return _mean(each.score for each in self.scored)

    @cached_property
    def criteria(self) -> dict[CriterionName, float]:
        """The mean of each criterion, weakest first."""
        means = {name: _mean(_values(self.scored, name)) for name in CRITERIA}
        return dict(sorted(((name, mean) for name, mean in means.items() if mean is not None), key=lambda x: x[1]))

    @property
    def lacking(self) -> list[CriterionName]:
        """The criteria in which there is something to gain, weakest first: never the strongest, unless it is weak."""
        names = list(self.criteria)
        return [each for each in names if self.criteria[each] < GOOD or (each != names[-1] and self.criteria[each] < 1)]

    @cached_property
    def domains(self) -> dict[str, float]:
        """The mean score of each domain, weakest first."""
        scores: dict[str, list[float]] = {}
        for each in self.scored:
            if each.domain:
                scores.setdefault(each.domain, []).append(each.score)
        return dict(sorted(((name, fmean(found)) for name, found in scores.items()), key=lambda x: x[1]))

    @cached_property
    def completeness(self) -> float | None:
        """The mean share of the expected points that were spoken of."""
        shares = (each.feedback.completeness for each in self.scored if each.question.expects)
        return _mean(share for share in shares if share is not None)

    def anchor_of(self, criterion: CriterionName) -> str:
        """What the answers did on average by a criterion that was judged."""
        its, rest = anchor(criterion, round(self.criteria[criterion] * TOP_LEVEL), self.mostly).split(" ", 1)
        owner = "your average answer" if its == "it" else "your average answer's"
        return f"{owner} {rest}"

    @property
    def mostly(self) -> Phase:
        """The kind of question that most of the scored answers belong to."""
        technical = sum(is_technical(each.question.phase) for each in self.scored)
        return "technical" if technical * 2 > len(self.scored) else "behavioral"


def statistics_of(turns: Iterable[TranscriptTurn]) -> Statistics:
    """The statistics of a transcript."""
    answered = [turn for turn in turns if turn.answer and turn.question.phase != "closing"]
    judged = [Judged(t.question, sure_of(t.answer, t.spoken), t.feedback) for t in answered if t.answer and t.feedback]
    counted = [each for each in judged if each.feedback.judged]
    return Statistics(
        answers=len(answered),
        scored=tuple(each for each in counted if each.feedback.score is not None),
        insufficient=tuple(e for e in counted if e.feedback.score is None and e.feedback.interval is None),
        uncertain=tuple(e for e in counted if e.feedback.score is None and e.feedback.interval is not None),
        without_feedback=len(answered) - len(judged),
    )


def _values(scored: Iterable[Judged], name: str) -> Iterable[float]:
    values = (getattr(each.feedback.criteria, name) for each in scored)
    return (value for value in values if value is not None)


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return round(fmean(found), 3) if found else None
