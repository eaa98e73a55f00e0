"""What the interviewer service listens to and answers."""

from __future__ import annotations

from contracts.interviewer.asks import AcknowledgeAsk
from faststream.nats import NatsBroker
from runtime.broker import answer, bind

from interviewer.application import Interviewer

NAME = "interviewer"


def subscribe(broker: NatsBroker, interviewer: Interviewer, *, workers: int) -> None:
    """Bind the durable consumer and the asks."""
    bind(broker, NAME, interviewer.handle, workers=workers)
    answer(broker, NAME, "acknowledge", AcknowledgeAsk, interviewer.acknowledge)
