"""What each service's NATS user may do: publish its own events and dead letters, use its own consumers, ask
what it needs to ask. Only the session service may delete messages of events; objects, whoever keeps them."""

from __future__ import annotations

from contracts.speech.live import SOUND
from contracts.subjects import (
    ASKS,
    DEAD,
    EVENTS,
    LIVE,
    ask_subject,
    check_subject,
    dead_subject,
    erased_subject,
    live_subject,
    retries_of,
)
from contracts.topology import (
    ADVISORY_STREAM,
    CHECK_STREAM,
    DEAD_STREAM,
    ERASED_STREAM,
    EVENT_STREAM,
    HANDLERS,
    Consumer,
    sweeper,
)

from runtime.broker import inbox_prefix
from runtime.buckets import ACTIVITY_BUCKET, PLACE_BUCKET, TICKET_BUCKET
from runtime.nats_users import NatsUser
from runtime.objects import DOCUMENT_BUCKET, RECORDING_BUCKET, SPEECH_BUCKET

_ASKS = {
    "gateway": ("session", "interviewer", "coach", "documents", "speech"),
    "coach": ("session",),
}
_QUESTIONS = {
    "interviewer": (
        ask_subject("documents", "encode"),
        ask_subject("documents", "search"),
        ask_subject("coach", "engine"),
    ),
    "coach": (ask_subject("documents", "encode"),),
}
"""Who may ask these and nothing else of a service."""
_ASKS_AGAIN = {"session": ("interviewer", "coach", "speech")}
"""Who gives an event once more to these durables alone, when what follows from it is late."""
_LIVE = frozenset({"interviewer", "speech", "gateway", "documents"})
_DELETES = frozenset({"session"})
_NOTES_ERASURES = frozenset({"session", "documents", "gateway"})
_ASK_MODELS = ("interviewer", "coach", "documents")
"""They share the places at model endpoints, and hear who waits for one."""
_BUCKETS = {"gateway": (ACTIVITY_BUCKET, TICKET_BUCKET), **dict.fromkeys(_ASK_MODELS, (PLACE_BUCKET,))}
_KEEPS = {
    "gateway": (DOCUMENT_BUCKET, RECORDING_BUCKET),
    "documents": (DOCUMENT_BUCKET,),
    "session": (RECORDING_BUCKET,),
    "speech": (SPEECH_BUCKET, RECORDING_BUCKET),
}
"""Who puts objects where."""
_DELETES_FROM = {
    "documents": (DOCUMENT_BUCKET,),
    "gateway": (SPEECH_BUCKET,),
    "session": (RECORDING_BUCKET,),
    "speech": (RECORDING_BUCKET,),
}
_READS_FROM = {"gateway": (SPEECH_BUCKET,)}


def nats_user(service: str, password: str) -> NatsUser:
    """The user of one service."""
    return NatsUser(service, password, tuple(_may_publish(service)), tuple(_may_subscribe(service)))


def _may_publish(service: str) -> list[str]:
    subjects = [f"{EVENTS}.{service}.>", f"{DEAD}.{service}.>"]
    subjects += [check_subject(stream, service) for stream in (CHECK_STREAM, EVENT_STREAM)]
    subjects.append(f"$JS.API.STREAM.INFO.{EVENT_STREAM}")
    subjects += [f"{ASKS}.{other}.>" for other in _ASKS.get(service, ())]
    subjects += _QUESTIONS.get(service, ())
    subjects += [retries_of(durable) for durable in _ASKS_AGAIN.get(service, ())]
    for consumer in HANDLERS:
        if consumer.durable == service:
            subjects += _using(consumer)
    if service in _LIVE:
        subjects.append(f"{LIVE}.>")
    if service in _DELETES:
        subjects += [f"$JS.API.STREAM.MSG.DELETE.{stream}" for stream in (EVENT_STREAM, DEAD_STREAM)]
        subjects += [*_reading(EVENT_STREAM), *_reading(DEAD_STREAM)]
        # It keeps what used up its deliveries, whoever they were to.
        for each in HANDLERS:
            subjects += [*_using(sweeper(each)), dead_subject(each.durable, "*")]
        subjects.append(f"$JS.API.STREAM.INFO.{ADVISORY_STREAM}")
        # It trims what every durable has handled.
        subjects += [f"$JS.API.CONSUMER.INFO.{each.stream}.{each.durable}" for each in HANDLERS]
        subjects.append(f"$JS.API.STREAM.PURGE.{EVENT_STREAM}")
        subjects += _reading(ERASED_STREAM)
    if service in _NOTES_ERASURES:
        subjects.append(erased_subject("*"))
    for bucket in _BUCKETS.get(service, ()):
        subjects += [f"$KV.{bucket}.>", f"$JS.API.STREAM.INFO.KV_{bucket}", *_reading(f"KV_{bucket}")]
    for bucket in _KEEPS.get(service, ()):
        subjects += _keeping(f"OBJ_{bucket}", deleting=bucket in _DELETES_FROM.get(service, ()))
    for bucket in _READS_FROM.get(service, ()):
        subjects += [f"$JS.API.STREAM.INFO.OBJ_{bucket}", *_reading(f"OBJ_{bucket}")]
        subjects += [f"$JS.API.STREAM.MSG.DELETE.OBJ_{bucket}"] if bucket in _DELETES_FROM.get(service, ()) else []
    return subjects


def _may_subscribe(service: str) -> list[str]:
    subjects = [f"{inbox_prefix(service)}.>", f"{ASKS}.{service}.>"]
    if service in _ASK_MODELS:
        subjects.append(f"$KV.{PLACE_BUCKET}.>")
    if service == "speech":
        subjects.append(live_subject("*", SOUND))
    if service == "gateway":
        subjects += [f"{EVENTS}.session.>", f"{EVENTS}.documents.>", f"{LIVE}.>"]
    return subjects


def _using(consumer: Consumer) -> list[str]:
    place = f"{consumer.stream}.{consumer.durable}"
    return [f"$JS.API.CONSUMER.MSG.NEXT.{place}", f"$JS.API.CONSUMER.INFO.{place}", f"$JS.ACK.{place}.>"]


def _reading(stream: str) -> list[str]:
    return [f"$JS.API.STREAM.MSG.GET.{stream}", f"$JS.API.DIRECT.GET.{stream}", f"$JS.API.DIRECT.GET.{stream}.>"]


def _keeping(stream: str, *, deleting: bool) -> list[str]:
    # An upload that failed, or that replaced another, is purged by whoever made it.
    bucket = stream.removeprefix("OBJ_")
    subjects = [f"$O.{bucket}.>", f"$JS.API.STREAM.INFO.{stream}", f"$JS.API.STREAM.PURGE.{stream}", *_reading(stream)]
    return subjects + ([f"$JS.API.STREAM.MSG.DELETE.{stream}"] if deleting else [])
