"""What people wait for, as the record has it: from when something became due until it was recorded. It is measured
where all of it passes by, whatever API somebody uses and whichever worker did it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from contracts import Event, Payload
from contracts.session.events import AnswerRecorded, AnswerUnheard, FeedbackRecorded, QuestionAsked, ReportRecorded
from contracts.vocabulary.provenance import Provenance
from prometheus_client import Counter, Gauge, Histogram
from runtime.telemetry import observe

from session.domain.state import State, evolve

Result = Literal["ok", "degraded", "given_up"]
"""`degraded`: by the built-in engine in place of a model; `given_up`: a notice in place of what was due."""
RESULTS: tuple[Result, ...] = ("ok", "degraded", "given_up")
REPLIES = Histogram(
    "parley_reply_seconds",
    "Time from an answer, a start or a wish for other words until the interviewer's reply, in seconds.",
    ["result"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 15, 30, 45, 60),
)
FEEDBACK = Histogram(
    "parley_feedback_seconds",
    "Time from an answer until its feedback, in seconds; one that waits for the candidate's correction counts too.",
    ["result"],
    buckets=(0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300),
)
REPORTS = Histogram(
    "parley_report_seconds",
    "Time from when all feedback is in until the report, in seconds.",
    ["result"],
    buckets=(0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 35, 60, 120),
)
TRANSCRIPTS = Histogram(
    "parley_transcript_seconds",
    "Time from a recording until its words, or until it is said that there are none, in seconds.",
    ["result"],
    buckets=(0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120),
)
DUE = Gauge("parley_timers_due", "Outcomes and deadlines that are waited for, by kind.", ["kind"])
OVERDUE = Gauge("parley_timers_overdue", "Those whose time has been up for more than ten seconds.", ["kind"])
AGAIN = Counter("parley_asked_again_total", "Outcomes that were late and asked for once more, by kind.", ["kind"])
for _each in RESULTS:
    REPLIES.labels(_each)
    FEEDBACK.labels(_each)
    REPORTS.labels(_each)
for _each_heard in ("ok", "unheard"):
    TRANSCRIPTS.labels(_each_heard)


def note(before: State, events: Sequence[Event[Payload]]) -> None:
    """Measure what was recorded; `before` is the state that it was recorded upon."""
    state = before
    for event in events:
        match event.data:
            case QuestionAsked() as asked:
                _observe(REPLIES, _result(asked.provenance), state.reply_pending_since, event)
            case FeedbackRecorded() as judged if (answer := state.answers.get(judged.turn)) is not None:
                _observe(FEEDBACK, _result(judged.feedback.provenance), answer.at, event)
            case ReportRecorded() as written:
                result = _result(written.report.provenance) if written.report else "given_up"
                _observe(REPORTS, result, state.report_due_at, event)
            case AnswerRecorded() | AnswerUnheard() if state.unheard is not None:
                understood = "ok" if isinstance(event.data, AnswerRecorded) else "unheard"
                _observe(TRANSCRIPTS, understood, state.unheard.at, event)
            case _:
                pass
        state = evolve(state, event)


def _observe(histogram: Histogram, result: str, since: datetime | None, event: Event[Payload]) -> None:
    if since is not None:
        observe(histogram.labels(result), max(0.0, (event.occurred_at - since).total_seconds()))


def _result(provenance: Provenance) -> Result:
    if provenance.engine == "none":
        return "given_up"
    return "degraded" if provenance.degraded else "ok"
