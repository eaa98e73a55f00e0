"""What the speech service listens to and answers."""

from __future__ import annotations

from contracts.speech.asks import CapabilitiesAsk, SpeakAsk
from faststream.nats import NatsBroker
from runtime.broker import answer, bind

from speech.application import Speech
from speech.hearing import Hearing

NAME = "speech"


def subscribe(broker: NatsBroker, speech: Speech, hearing: Hearing, *, workers: int) -> None:
    """Bind the durable consumer and the asks."""
    bind(broker, NAME, hearing.handle, workers=workers)
    answer(broker, NAME, "speak", SpeakAsk, speech.speak)
    answer(broker, NAME, "capabilities", CapabilitiesAsk, speech.capabilities)
