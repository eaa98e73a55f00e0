"""Wires the gateway."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from contracts.health import Alive, AliveAsk
from nats.errors import NoRespondersError
from nats.js import JetStreamContext
from opentelemetry import trace
from runtime.broker import ask, jetstream_of
from runtime.database import make_engine
from runtime.health import BrokerChecks, Check, Unhealthy, probes
from runtime.http_protocol import Limits
from runtime.objects import DOCUMENT_BUCKET, RECORDING_BUCKET, SPEECH_BUCKET, make_object_store
from runtime.publish import EventPublisher, note_erased
from runtime.service import Service, new_service, run
from runtime.settings import require_own_secrets
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from gateway.app import make_app
from gateway.auth.accounts import Accounts
from gateway.auth.audio_links import AudioLinks
from gateway.auth.first_admin import FirstAdmin
from gateway.auth.guesses import Guesses
from gateway.auth.own_logins import OwnLogins
from gateway.auth.passwords import Passwords
from gateway.auth.service import IdentityService
from gateway.auth.session_tokens import SessionTokens
from gateway.auth.settings import IdentitySettings
from gateway.auth.tickets import Tickets
from gateway.banks.store import Banks
from gateway.bus.activity import Activity
from gateway.bus.aliases import Aliases
from gateway.bus.commands import Commands
from gateway.bus.idempotency import IdempotencyKeys
from gateway.bus.open_sockets import SEEN_EVERY, SharedSockets
from gateway.bus.rates import SharedBuckets
from gateway.bus.speech_tasks import TaskRows
from gateway.bus.spoken_lines import SpokenLines
from gateway.bus.subscriptions import Subscriptions
from gateway.container import Container
from gateway.edge.outages import Outages
from gateway.edge.sockets import OpenSockets
from gateway.settings import GatewaySettings
from gateway.subscribers import NAME, subscribe
from gateway.usecases.account_deletion import AccountDeletion
from gateway.usecases.configuring import Configuring
from gateway.usecases.demonstration import Demonstrations
from gateway.usecases.documents import Documents
from gateway.usecases.interviews import Interviews
from gateway.usecases.judgements import Judgements
from gateway.usecases.listening import Listener
from gateway.usecases.named_interviews import NamedInterviews
from gateway.usecases.numbered_interviews import NumberedInterviews
from gateway.usecases.queries import Queries
from gateway.usecases.recordings import Recordings
from gateway.usecases.speech import Speech
from gateway.usecases.speech_tasks import SpeechTasks

NEEDED_FOR_A_TURN = ("session", "interviewer")
NEEDED_BY_EVERYBODY = ("broker", "database")
BESIDE_A_TURN = ("coach", "documents", "speech")
"""Without them a turn succeeds all the same: feedback comes later, questions do without the documents, and are read."""
PURGE_SECONDS = 3600.0


def build(settings: GatewaySettings, identity_settings: IdentitySettings | None = None) -> Service:
    """The service, wired but not running."""
    identity_settings = identity_settings or IdentitySettings()
    if settings.production:
        require_own_secrets(identity_settings)
    service = new_service(NAME, settings)
    engine = make_engine(settings.database_url, settings)
    database = async_sessionmaker(engine, expire_on_commit=False)
    guesses = Guesses(database, settings.free_attempts)
    passwords = Passwords()
    identity = IdentityService(database, identity_settings, passwords, guesses)
    first_admin = FirstAdmin(database, passwords, identity_settings, identity.clear_cache)
    buckets = SharedBuckets(database)
    open_sockets = SharedSockets(database)
    accounts = Accounts(database, identity.clear_cache)
    subscriptions = Subscriptions(service.broker)
    publisher = EventPublisher(service.broker, NAME)
    keys = IdempotencyKeys(database)
    commands = Commands(service.broker, publisher, subscriptions, settings.reply_timeout)
    queries = Queries(commands)
    aliases = Aliases(database)
    session_tokens = SessionTokens(database, identity_settings)
    judgements = Judgements(queries, subscriptions)

    def js() -> JetStreamContext:
        return jetstream_of(service.broker)

    task_rows = TaskRows(database)
    recordings = make_object_store(settings, RECORDING_BUCKET, js)
    kept = Recordings(recordings, buckets, settings.sound_a_day, spares_loopback=not settings.production)
    spoken_lines = SpokenLines(database)
    speech = Speech(commands, make_object_store(settings, SPEECH_BUCKET, js), recordings, spoken_lines)
    interviews = Interviews(commands, queries, subscriptions, keys, aliases, kept, task_rows, speech)

    async def check_database() -> None:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT FROM identity.users LIMIT 0"))

    async def appoint_and_purge() -> None:
        await first_admin.appoint()
        while True:
            await identity.purge()
            await keys.purge()
            await session_tokens.purge()
            await guesses.purge()
            await buckets.purge()
            await task_rows.purge()
            await spoken_lines.purge()
            await asyncio.sleep(PURGE_SECONDS)

    async def keep_sockets() -> None:
        while True:
            await open_sockets.keep()
            await asyncio.sleep(SEEN_EVERY)

    def check_service(name: str) -> Check:
        async def check() -> None:
            try:
                alive = await ask(service.broker, name, "alive", AliveAsk(), Alive)
            except NoRespondersError:
                raise Unhealthy("nobody answers") from None
            if not alive.works:
                failed = [f"{part}: {result}" for part, result in alive.checks.items() if result != "ok"]
                raise Unhealthy("; ".join(failed))

        return check

    service.checks["database"] = check_database
    service.checks["events"] = BrokerChecks(service.broker, NAME, service.on_fatal).accepts_events
    service.checks |= {name: check_service(name) for name in (*NEEDED_FOR_A_TURN, *BESIDE_A_TURN)}
    service.shown_only = BESIDE_A_TURN
    service.stop_seconds = settings.reply_timeout + 5
    service.forwarded_allow_ips = settings.forwarded_allow_ips
    service.limits = Limits(connections_per_address=settings.connections_per_address)
    service.resources.append(_closing(engine, identity))
    service.tasks += [appoint_and_purge, keep_sockets]
    listener = Listener(service.broker, commands, speech)
    service.resources.append(_ended(listener))
    speech_tasks = SpeechTasks(task_rows, commands, kept)
    subscribe(service.broker, speech_tasks)
    service.durables = (*service.durables, NAME)
    banks = Banks(database)
    documents = Documents(commands, subscriptions, keys, make_object_store(settings, DOCUMENT_BUCKET, js))
    container = Container(
        settings=settings,
        identity=identity,
        accounts=accounts,
        own_logins=OwnLogins(database, passwords, guesses, identity_settings.common_passwords, identity.clear_cache),
        account_deletion=AccountDeletion(
            accounts, interviews, queries, documents, lambda user_id: note_erased(js(), user_id)
        ),
        tickets=Tickets(js),
        session_tokens=session_tokens,
        interviews=interviews,
        named=NamedInterviews(aliases, interviews, queries),
        numbered=NumberedInterviews(aliases, interviews),
        demonstrations=Demonstrations(interviews, queries, judgements),
        queries=queries,
        judgements=judgements,
        configuring=Configuring(banks, documents),
        documents=documents,
        audio_links=AudioLinks(identity_settings, settings.audio_url_ttl),
        speech=speech,
        listener=listener,
        speech_tasks=speech_tasks,
        banks=banks,
        subscriptions=subscriptions,
        sockets=OpenSockets(open_sockets),
        activity=Activity(js),
        probes=probes(NAME, service.monitor, always_ready=True),
    )
    outages = Outages(lambda: service.monitor.fails(NEEDED_BY_EVERYBODY))
    service.resources.append(outages.watching())
    service.app = make_app(container, _tracer(service), service.stopping, outages, buckets)
    service.host, service.port = settings.host, settings.port
    return service


def _tracer(service: Service) -> trace.Tracer | None:
    return trace.get_tracer("parley.gateway") if service.tracer_provider else None


@asynccontextmanager
async def _ended(listener: Listener) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await listener.close()


@asynccontextmanager
async def _closing(engine: AsyncEngine, identity: IdentityService) -> AsyncIterator[None]:
    try:
        yield
    finally:
        identity.close()
        await engine.dispose()


def main() -> None:
    """Run the service until it is told to stop."""
    run(build(GatewaySettings()))
