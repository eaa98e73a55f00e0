"""Wires the session service."""

from __future__ import annotations

from datetime import timedelta

from contracts.topology import HANDLERS
from runtime.broker import is_connected, jetstream_of
from runtime.database import Database, make_engine
from runtime.objects import RECORDING_BUCKET, make_object_store
from runtime.publish import EventPublisher
from runtime.service import Service, add_sweeper, new_service, run

from session.application import Sessions
from session.erasure import Erasure
from session.settings import SessionSettings
from session.store import EventStore
from session.subscribers import NAME, subscribe
from session.timers import Timers
from session.trimming import Trimming
from session.views import Views


def build(settings: SessionSettings) -> Service:
    """The service, wired but not running."""
    service = new_service(NAME, settings)
    reading = settings.database_pool_size // 2  # two pools, which together keep to what one replica may hold
    writing = settings.database_pool_size - reading
    database = Database(settings, "SELECT FROM session.events LIMIT 0", writing)
    engine = make_engine(settings.database_read_url or settings.database_url, settings, reading)
    publisher = EventPublisher(service.broker, NAME)
    store = EventStore(database, settings.timeouts)
    erasure = Erasure(
        database,
        store,
        publisher,
        lambda: jetstream_of(service.broker),
        make_object_store(settings, RECORDING_BUCKET, lambda: jetstream_of(service.broker)),
        settings.erasure_repeat,
    )
    sessions = Sessions(store, publisher, erasure, review=timedelta(seconds=settings.spoken_review_seconds))
    timers = Timers(database, sessions, store, erasure, settings.timeouts, lambda: is_connected(service.broker))
    subscribe(service.broker, sessions, Views(store, engine, database), erasure, workers=settings.workers)
    for each in HANDLERS:  # only this service may read what others were sent
        add_sweeper(service, each.durable)
    service.durables = (*service.durables, NAME)
    service.checks["database"] = database.check()
    service.resources.append(database.open())
    service.tasks += [timers.run, Trimming(lambda: jetstream_of(service.broker)).run]
    return service


def main() -> None:
    """Run the service until it is told to stop."""
    run(build(SessionSettings()))
