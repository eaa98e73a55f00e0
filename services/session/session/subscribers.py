"""What the session service listens to and answers."""

from __future__ import annotations

from contracts.session.asks import (
    EraseAsk,
    HistoryAsk,
    ListAsk,
    OutcomeAsk,
    OwnerAsk,
    ProgressAsk,
    ReportAsk,
    TranscriptAsk,
    ViewAsk,
)
from faststream.nats import NatsBroker
from runtime.broker import answer, bind

from session.application import Sessions
from session.erasure import Erasure
from session.views import Views

NAME = "session"


def subscribe(broker: NatsBroker, sessions: Sessions, views: Views, erasure: Erasure, *, workers: int) -> None:
    """Bind the durable consumer and the asks."""
    bind(broker, NAME, sessions.handle, workers=workers)
    answer(broker, NAME, "outcome", OutcomeAsk, views.outcome)
    answer(broker, NAME, "transcript", TranscriptAsk, views.transcript)
    answer(broker, NAME, "history", HistoryAsk, views.history)
    answer(broker, NAME, "view", ViewAsk, views.view)
    answer(broker, NAME, "list", ListAsk, views.list)
    answer(broker, NAME, "report", ReportAsk, views.report)
    answer(broker, NAME, "progress", ProgressAsk, views.progress)
    answer(broker, NAME, "owner", OwnerAsk, views.owner)
    answer(broker, NAME, "erase", EraseAsk, erasure.ask)
