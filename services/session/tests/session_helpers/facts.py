"""What happened: events of the session, as far as the state tells their details."""

from __future__ import annotations

from typing import Any

from contracts.session.events import (
    AnswerRecorded,
    Completed,
    Created,
    Ending,
    FeedbackRecorded,
    Paused,
    QuestionAsked,
    ReportDue,
    ReportRecorded,
    Reset,
    Resumed,
    Started,
)
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.judgement import Feedback
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.question import Question, QuestionKind
from contracts.vocabulary.report import Report
from session.domain.state import COUNTED

from session_helpers.story import Fact, Story

ENGINE = Provenance(engine="scripted")


def question(kind: QuestionKind = "question", text: str = "What have you built?", **fields: Any) -> Question:
    """Words of the interviewer."""
    return Question(**{"kind": kind, "text": text, "phase": "technical", **fields})


def feedback(score: float | None = 0.7, text: str = "Clear, and with an example.") -> Feedback:
    """Words of the coach."""
    return Feedback(judged=True, text=text, score=score, evidence="sufficient", provenance=ENGINE)


def report(text: str = "Answers in stories.") -> Report:
    """A summary."""
    return Report(
        patterns_tendencies=text,
        strengths="Examples.",
        weaknesses="Length.",
        improvement_focus_areas="Brevity.",
        provenance=ENGINE,
    )


def created(**config: Any) -> Fact:
    """A session exists."""
    return lambda _: Created(config=SessionConfig(**config))


def started(**config: Any) -> Fact:
    """The interview began, with what was configured before unless something else is given."""
    return lambda story: Started(config=SessionConfig(**config) if config else story.state.config)


def asked(kind: QuestionKind = "question", text: str = "What have you built?", **fields: Any) -> Fact:
    """The interviewer put a question, or said something in its place."""

    def fact(story: Story) -> QuestionAsked:
        state = story.state
        return QuestionAsked(
            turn=len(state.asked),
            question=question(kind, text, **fields),
            number=state.questions_asked + (kind in COUNTED),
            action="new_question",
            reasoning="The next topic.",
            provenance=ENGINE,
        )

    return fact


introduced = asked("introduction", "Welcome. Who are you?")


def answered(text: str = "I built a parser.") -> Fact:
    """The candidate answered the question that stood."""

    def fact(story: Story) -> AnswerRecorded:
        current = story.state.current
        assert current is not None
        return AnswerRecorded(turn=current.turn, revision=1, question_id=current.id, text=text)

    return fact


def judged(turn: int = 0, score: float | None = 0.7) -> Fact:
    """The coach spoke about the answer of a turn."""
    return lambda _: FeedbackRecorded(turn=turn, revision=1, feedback=feedback(score))


def paused(_: Story) -> Paused:
    """The clock stood."""
    return Paused()


def resumed(seconds: float) -> Fact:
    """The clock ran again after `seconds`."""
    return lambda _: Resumed(paused_for=seconds)


def ended(ending: Ending = "ended") -> Fact:
    """The interview was over."""
    return lambda story: Completed(ending=ending, elapsed=story.state.elapsed(story.now))


def report_came_due(story: Story) -> ReportDue:
    """A report was wanted."""
    return ReportDue(version=story.state.report_version + 1)


def reported(story: Story) -> ReportRecorded:
    """The report was there."""
    return ReportRecorded(version=story.state.report_version, report=report())


def reset(_: Story) -> Reset:
    """All began anew."""
    return Reset()
