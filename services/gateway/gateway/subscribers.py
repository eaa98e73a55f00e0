"""What the gateway listens to."""

from __future__ import annotations

from faststream.nats import NatsBroker
from runtime.broker import bind

from gateway.usecases.speech_tasks import SpeechTasks

NAME = "gateway"
TASKS_AT_ONCE = 8
"""Speech tasks whose outcome is being noted."""


def subscribe(broker: NatsBroker, speech_tasks: SpeechTasks) -> None:
    """Bind the durable consumer."""
    bind(broker, NAME, speech_tasks.handle, workers=TASKS_AT_ONCE)
