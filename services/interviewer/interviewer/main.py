"""Wires the interviewer service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

from contracts.coach.asks import EngineAnswer, EngineAsk
from contracts.documents.asks import SearchAnswer, SearchAsk
from contracts.interviewer.live import ReplyDelta
from contracts.subjects import live_subject
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.disclosure import BUILT_IN, EngineDescription
from contracts.vocabulary.question import Plan
from faststream.nats import NatsBroker
from models import Models, PromptLibrary, parse_weights
from parley_listening import Listener
from parley_meaning import Encoder
from runtime.broker import ask
from runtime.encoder import make_encoder
from runtime.leases import SharedLeases
from runtime.publish import EventPublisher
from runtime.service import Service, new_service, run

from interviewer.application import Interviewer
from interviewer.bank import QuestionBank
from interviewer.disclosure import COACH_SECONDS, Discloser
from interviewer.engine import Engine
from interviewer.engines.fallback import FallbackEngine
from interviewer.engines.llm.engine import Budgets, LlmEngine
from interviewer.engines.scripted import ScriptedEngine
from interviewer.planning import fitting_domains, make_plan
from interviewer.search import DocumentSearch
from interviewer.settings import InterviewerSettings
from interviewer.subscribers import NAME, subscribe

PROMPTS = Path(__file__).parent / "prompts"


def build(settings: InterviewerSettings) -> Service:
    """The service, wired but not running."""
    service = new_service(NAME, settings)
    leases = SharedLeases(service.broker)
    models, bank = Models.from_settings(settings, leases=leases), QuestionBank.load()
    service.resources.append(_closing(models, leases))
    service.tasks.append(models.probe_forever)
    encoder = make_encoder(service.broker, urgent=True)
    engine = make_engine(settings, models, bank, encoder)
    listener = Listener(encoder, make_encoder(service.broker, urgent=False))
    service.resources.append(_listening(listener))
    interviewer = make_interviewer(service.broker, settings, engine, bank, models.description("interviewer"), listener)
    subscribe(service.broker, interviewer, workers=settings.workers)
    service.durables = (*service.durables, NAME)
    return service


def make_interviewer(
    broker: NatsBroker,
    settings: InterviewerSettings,
    engine: Engine,
    bank: QuestionBank,
    description: EngineDescription = BUILT_IN,
    listener: Listener | None = None,
) -> Interviewer:
    """The use cases, speaking over this broker."""

    async def send_live(session_id: UUID, delta: ReplyDelta) -> None:
        await broker.publish(delta.model_dump_json().encode(), live_subject(session_id, "reply"))

    async def search(wanted: SearchAsk) -> SearchAnswer:
        return await ask(broker, "documents", "search", wanted, SearchAnswer, timeout=settings.document_search_timeout)

    async def coach() -> EngineDescription:
        return (await ask(broker, "coach", "engine", EngineAsk(), EngineAnswer, timeout=COACH_SECONDS)).engine

    def plan(config: SessionConfig) -> Plan:
        return make_plan(config, fitting_domains(config, bank))

    documents = DocumentSearch(search, settings.document_search_timeout)
    disclose = Discloser(description, coach).disclose
    return Interviewer(engine, plan, EventPublisher(broker, NAME), send_live, documents.passages, disclose, listener)


def make_engine(
    settings: InterviewerSettings, models: Models, bank: QuestionBank, encoder: Encoder | None = None
) -> Engine:
    """A model with the scripted engine behind it, or the scripted engine alone where no model is configured.

    Raises ValueError for weights of prompts that do not exist.
    """
    scripted = ScriptedEngine(bank, encoder)
    chain = models.chain("interviewer")
    if chain is None:
        return scripted
    prompts, weights = PromptLibrary(PROMPTS), parse_weights(settings.interviewer_prompts)
    for name, versions in weights.items():
        for version in versions:
            prompts.get(name, version)
    model = LlmEngine(
        chain,
        models.chain("small"),
        models.chain("question"),
        bank,
        prompts,
        weights,
        Budgets(reply=settings.reply_budget),
    )
    return FallbackEngine(model, scripted)


@asynccontextmanager
async def _closing(models: Models, leases: SharedLeases) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await models.aclose()
        await leases.aclose()


@asynccontextmanager
async def _listening(listener: Listener) -> AsyncIterator[None]:
    """What remarks are told by is learnt before the first answer waits for it."""
    await listener.prepare()
    yield


def main() -> None:
    """Run the service until it is told to stop."""
    run(build(InterviewerSettings()))
