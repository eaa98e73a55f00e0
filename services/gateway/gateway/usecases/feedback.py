"""Which feedback a candidate may see."""

from __future__ import annotations

from itertools import takewhile

from contracts.session.asks import FeedbackItem, View

from gateway.bus.commands import ENDED


def visible_feedback(view: View) -> list[FeedbackItem]:
    """Item i belongs to the candidate's i-th message; the first without feedback ends the list, so it has no holes.

    A realistic interview shows none before its end.
    """
    session = view.session
    if session and session.config.mode == "realistic" and session.status not in ENDED:
        return []
    return list(takewhile(lambda item: item.feedback is not None, view.feedback))
