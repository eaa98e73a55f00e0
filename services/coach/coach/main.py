"""Wiring of the coach service."""

from __future__ import annotations

from datetime import UTC, datetime

from contracts.asks import Transcript, TranscriptAsk
from runtime.broker import ask, bind
from runtime.publish import EventPublisher
from runtime.service import Service, add_sweeper, new_service, run

from coach.minds.scripted import ScriptedMind
from coach.settings import CoachSettings
from coach.subscribers import Coach


def build(settings: CoachSettings) -> Service:
    """The service, wired and not yet running."""
    service = new_service("coach", settings)
    broker = service.broker

    async def transcript(question: TranscriptAsk) -> Transcript:
        return await ask(broker, "session", "transcript", question, Transcript)

    coach = Coach(ScriptedMind(), EventPublisher(broker, "coach"), transcript, lambda: datetime.now(UTC))
    bind(broker, "coach", coach.handle, workers=settings.workers)
    service.durables = ("coach",)
    add_sweeper(service, "coach")
    return service


def main() -> None:
    """Run until told to stop."""
    run(build(CoachSettings()))
