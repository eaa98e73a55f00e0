"""What a model is told about an answer or an interview. What others wrote is fenced: it is data."""

from __future__ import annotations

import json
from collections.abc import Sequence

from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.judgement import TOP_LEVEL, CriterionName, Feedback
from contracts.vocabulary.question import Phase, Question
from contracts.vocabulary.report import ReportStatistics
from contracts.vocabulary.turn import TranscriptTurn, TurnContext
from models import fenced, language_name, without_contact
from parley_text.guesses import veiled

from coach.rubric import anchors
from coach.said import Said, how_marked

MAX_TRANSCRIPT = 60_000
MAX_RESUME = 12_000
MAX_BACKGROUND = 3_000
MAX_EARLIER = 4_000
"""Characters."""


def levels(criterion: CriterionName, phase: Phase, *, falling: bool = False) -> str:
    """The levels of a criterion, one a line, from the lowest or, where `falling`, from the highest."""
    lines = [f"{number}: {words}" for number, words in enumerate(anchors(criterion, phase))]
    return "\n".join(lines[::-1] if falling else lines)


def points(expected: Sequence[str]) -> str:
    """Points, numbered from 1."""
    return "\n".join(f"{number}. {point}" for number, point in enumerate(expected, start=1)) or "none given"


def about(question: Question, config: SessionConfig) -> dict[str, str]:
    """What every prompt about a question has."""
    return {"language_name": language_name(config.language), "job": config.job_role, "question": question.text}


def judged(context: TurnContext, shown: Said, reference: str, expected: Sequence[str]) -> dict[str, str]:
    """What a judge is told of an answer, `shown` without what is addressed to graders."""
    return about(context.question, context.config) | {
        "difficulty": context.question.difficulty or context.config.difficulty,
        "background": background(context.config),
        "earlier": earlier(context),
        "reference": reference,
        "points": points(expected),
        "answer": answer(shown),
    }


def background(config: SessionConfig) -> str:
    """What is known of the position and of the candidate; nothing where nothing is."""
    texts = {"the job description": config.job_description, "the candidate's résumé": config.resume_content}
    known = {label: without_contact(text).strip()[:MAX_BACKGROUND] for label, text in texts.items()}
    return "\n".join(fenced(label, text) for label, text in known.items() if text)


def earlier(context: TurnContext) -> str:
    """The answer that a follow-up takes up, with what was asked then; nothing for other questions."""
    if context.question.kind != "follow_up":
        return ""
    said = [each for each in context.transcript if each.turn < _turn_of(context)]
    answered = next((place for place in range(len(said) - 1, -1, -1) if said[place].role == "candidate"), None)
    if answered is None:
        return ""
    asked = next((each.text for each in reversed(said[:answered]) if each.role == "interviewer"), "")
    spoken = said[answered]
    told = Said(spoken.text, veiled(spoken.text, spoken.unsure)).without_appeals().marked()[-MAX_EARLIER:]
    return "\n".join(
        [
            "This follows up on an earlier answer. Judge what both say together, by the follow-up's question:",
            f"Asked before: {asked}",
            _fenced("the candidate's earlier answer", told),
        ]
    )


def _turn_of(context: TurnContext) -> int:
    return context.transcript[-1].turn if context.transcript else 0


def answer(said: Said) -> str:
    """An answer, with its guessed words marked."""
    return _fenced("the candidate's answer", said.marked())


def transcript(turns: Sequence[TranscriptTurn]) -> str:
    """The newest part of an interview, with how each answer was judged."""
    parts = [
        f"Question {turn.turn}: {turn.question.text}\nAnswer: {_marked(turn)}\n{_judged(turn.feedback)}"
        for turn in turns
        if turn.answer is not None
    ]
    return _fenced("the transcript", "\n\n".join(parts)[-MAX_TRANSCRIPT:])


def _judged(feedback: Feedback | None) -> str:
    """How an answer was judged, for somebody who is not to judge it again."""
    if feedback is None or not feedback.judged:
        return "Not judged."
    if feedback.score is None:
        return "Without a score: what it is worth could not be told."
    lines = [f"Score: {round(feedback.score * 100)} of 100."]
    lines += [f"{each.criterion}: {each.level} of {TOP_LEVEL}. {each.explanation}" for each in feedback.judgements]
    lines += [f"Would improve it: {each}" for each in feedback.improvements]
    return "\n".join(lines)


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
    """Without what is addressed to a grader."""
    return Said.of(turn.answer or "", turn.spoken).without_appeals().marked()


def _fenced(label: str, text: str) -> str:
    """As `fenced`, and before it what the marks in it mean, if there are any."""
    return "\n".join(filter(None, (how_marked(text), fenced(label, text))))
