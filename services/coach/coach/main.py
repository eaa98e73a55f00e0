"""Wires the coach service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from contracts.session.asks import Transcript, TranscriptAsk
from models import Models, PromptLibrary
from parley_listening import Listener
from parley_meaning import Encoder
from runtime.broker import ask
from runtime.encoder import make_encoder
from runtime.leases import SharedLeases
from runtime.publish import EventPublisher
from runtime.service import Service, new_service, run

from coach.application import Coach
from coach.engines import Engine, Finder
from coach.engines.fallback import FallbackEngine
from coach.engines.llm.engine import Limits, LlmEngine
from coach.engines.scripted import ScriptedEngine
from coach.finder import Curated, Searching
from coach.search import Serper
from coach.settings import CoachSettings, parse_versions
from coach.subscribers import NAME, subscribe

FEEDBACK_SECONDS = 50.0
REPORT_SECONDS = 22.0
SKETCH_SECONDS = 22.0
"""Most that models get for one of each, whatever the budget of a step. The session asks again for feedback after 60
seconds and for a report after 35, a client waits 30 for a sketch, and the transcript is asked for before."""
PROMPTS = Path(__file__).parent / "prompts"


def build(settings: CoachSettings) -> Service:
    """The service, wired but not running."""
    service = new_service(NAME, settings)
    broker = service.broker
    leases = SharedLeases(broker)
    models = Models.from_settings(settings, leases=leases)
    key = settings.serper_api_key
    serper = Serper(key, settings.serper_url) if key.get_secret_value() else None
    service.resources.append(_closing(models, leases, serper))
    service.tasks.append(models.probe_forever)

    async def transcript(question: TranscriptAsk) -> Transcript:
        return await ask(broker, "session", "transcript", question, Transcript)

    encoder = make_encoder(broker, urgent=False)
    engine = make_engine(settings, models, serper, encoder)
    listener = Listener(encoder)
    service.resources.append(_listening(listener))
    coach = Coach(
        engine,
        EventPublisher(broker, NAME),
        transcript,
        lambda: datetime.now(UTC),
        models.description("coach"),
        listener,
    )
    subscribe(broker, coach, workers=settings.workers)
    service.durables = (*service.durables, NAME)
    return service


def make_engine(settings: CoachSettings, models: Models, serper: Serper | None, encoder: Encoder) -> Engine:
    """A model with the scripted engine behind it, or the scripted engine alone where no model is configured.

    Raises ValueError for versions of prompts that do not exist.
    """
    finder: Finder = Searching(serper, Curated()) if serper else Curated()
    scripted = ScriptedEngine(encoder, finder)
    chain = models.chain("coach")
    if chain is None:
        return scripted
    prompts, versions = PromptLibrary(PROMPTS), parse_versions(settings.coach_prompts)
    for name, version in versions.items():
        prompts.get(name, version)
    budget = settings.coach_budget
    limits = Limits(
        reference=budget,
        judging=budget,
        feedback=FEEDBACK_SECONDS,
        report=min(budget, REPORT_SECONDS),
        sketch=min(budget, SKETCH_SECONDS),
        runs=settings.coach_runs,
    )
    return FallbackEngine(LlmEngine(chain, prompts, versions, limits, finder), scripted)


@asynccontextmanager
async def _closing(models: Models, leases: SharedLeases, serper: Serper | None) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await models.aclose()
        await leases.aclose()
        if serper is not None:
            await serper.aclose()


@asynccontextmanager
async def _listening(listener: Listener) -> AsyncIterator[None]:
    """What remarks are told by is learnt before the first answer waits for it."""
    await listener.prepare()
    yield


def main() -> None:
    """Run the service until it is told to stop."""
    run(build(CoachSettings()))
