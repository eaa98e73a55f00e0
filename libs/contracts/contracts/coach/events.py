"""What the coach says."""

from __future__ import annotations

from contracts.envelope import Payload
from contracts.registry import event
from contracts.vocabulary.judgement import Feedback
from contracts.vocabulary.report import Report


@event("coach.feedback_given", schema_version=3)
class FeedbackGiven(Payload):
    """Feedback on the answer of `turn`, in its revision `revision`."""

    turn: int
    revision: int
    feedback: Feedback


@event("coach.report_written", schema_version=3)
class ReportWritten(Payload):
    """Version `version` of the report."""

    version: int
    report: Report
