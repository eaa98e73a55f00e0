"""What the coach service listens to and answers."""

from __future__ import annotations

from contracts.coach.asks import EngineAsk, SketchAsk
from faststream.nats import NatsBroker
from runtime.broker import answer, bind

from coach.application import Coach

NAME = "coach"


def subscribe(broker: NatsBroker, coach: Coach, *, workers: int) -> None:
    """Bind the durable consumer and the asks."""
    bind(broker, NAME, coach.handle, workers=workers)
    answer(broker, NAME, "sketch", SketchAsk, coach.sketch)
    answer(broker, NAME, "engine", EngineAsk, coach.described)
