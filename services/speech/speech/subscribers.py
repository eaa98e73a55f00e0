"""What the speech service listens to and answers."""

from __future__ import annotations

from contracts.speech.asks import CapabilitiesAsk, SpeakAsk
from contracts.speech.live import ListenAsk, RoomAsk
from faststream.nats import NatsBroker
from runtime.broker import answer, answer_if, bind

from speech.application import Speech
from speech.hearing import Hearing
from speech.streams import Streams

NAME = "speech"


def subscribe(broker: NatsBroker, speech: Speech, hearing: Hearing, streams: Streams, *, workers: int) -> None:
    """Bind the durable consumer and the asks."""
    bind(broker, NAME, hearing.handle, workers=workers)
    answer(broker, NAME, "speak", SpeakAsk, speech.speak)
    answer(broker, NAME, "capabilities", CapabilitiesAsk, speech.capabilities)
    answer_if(broker, NAME, "room", RoomAsk, streams.room)
    answer(broker, NAME, f"listen-{streams.worker}", ListenAsk, streams.listen)
