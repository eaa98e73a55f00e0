"""What a model is told about an answer or an interview. What others wrote is fenced: it is data."""

from __future__ import annotations

import json
from collections.abc import Sequence

from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.judgement import CriterionName
from contracts.vocabulary.question import Phase, Question
from contracts.vocabulary.report import ReportStatistics
from contracts.vocabulary.turn import TranscriptTurn
from models import fenced, language_name, without_contact

from coach.rubric import anchors
from coach.said import Said, how_marked

MAX_TRANSCRIPT = 60_000
MAX_RESUME = 12_000
"""Characters."""


def levels(criterion: CriterionName, phase: Phase) -> str:
    """The levels of a criterion, one a line, from the lowest."""
    return "\n".join(f"{number}: {words}" for number, words in enumerate(anchors(criterion, phase)))


def points(expected: Sequence[str]) -> str:
    """Points, numbered from 1."""
    return "\n".join(f"{number}. {point}" for number, point in enumerate(expected, start=1)) or "none given"


def about(question: Question, config: SessionConfig) -> dict[str, str]:
    """What every prompt about a question has."""
    return {"language_name": language_name(config.language), "job": config.job_role, "question": question.text}


def answer(said: Said) -> str:
    """An answer, with its guessed words marked."""
    return _fenced("the candidate's answer", said.marked())


def transcript(turns: Sequence[TranscriptTurn]) -> str:
    """The newest part of an interview, with the scores that were given."""
    lines = []
    for turn in turns:
        if turn.answer is None:
            continue
        score = turn.feedback.score if turn.feedback else None
        lines.append(f"Question {turn.turn}: {turn.question.text}\nAnswer: {_marked(turn)}\nScore: {score}")
    return _fenced("the transcript", "\n\n".join(lines)[-MAX_TRANSCRIPT:])


def numbers(statistics: ReportStatistics, overall: float | None) -> str:
    """The numbers of a report, as they may be spoken of."""
    told = statistics.model_dump(include={"criteria", "domains", "difficulties", "phases", "trend"})
    return json.dumps({"overall": overall, **told})


def material(turn: TranscriptTurn, turns: Sequence[TranscriptTurn], config: SessionConfig) -> str:
    """All that the candidate said or wrote."""
    others = [_marked(each) for each in turns if each.answer and each.turn != turn.turn]
    resume = without_contact(config.resume_content)[:MAX_RESUME]
    parts = [_fenced("the candidate's answer to this question", _marked(turn))]
    if others:
        parts.append(_fenced("the candidate's other answers", "\n\n".join(others)[-MAX_TRANSCRIPT:]))
    if resume.strip():
        parts.append(fenced("the candidate's résumé", resume))
    return "\n".join(parts)


def _marked(turn: TranscriptTurn) -> str:
    return Said.of(turn.answer or "", turn.spoken).marked()


def _fenced(label: str, text: str) -> str:
    """As `fenced`, and before it what the marks in it mean, if there are any."""
    return "\n".join(filter(None, (how_marked(text), fenced(label, text))))
