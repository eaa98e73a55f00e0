"""What the speech service answers."""

from __future__ import annotations

from contracts.speech.asks import CapabilitiesAsk, SpeakAsk
from faststream.nats import NatsBroker
from runtime.broker import answer

from speech.application import Speech

NAME = "speech"


def subscribe(broker: NatsBroker, speech: Speech) -> None:
    """Bind the asks."""
    answer(broker, NAME, "speak", SpeakAsk, speech.speak)
    answer(broker, NAME, "capabilities", CapabilitiesAsk, speech.capabilities)
