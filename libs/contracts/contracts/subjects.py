"""Every NATS subject is built here, and nowhere else."""

from __future__ import annotations

from uuid import UUID

EVENTS = "evt"
ASKS = "ask"
LIVE = "live"
RETRY = "retry"
DEAD = "dead"
CHECK = "check"
ERASED = "erased"


def event_subject(full_name: str, subject_id: UUID) -> str:
    """`evt.<owner>.<event>.v<major>.<id>` for a full name such as `session.created.v1`."""
    return f"{EVENTS}.{full_name}.{subject_id}"


def events_of_type(full_name: str) -> str:
    """Filter: every event of one type."""
    return f"{EVENTS}.{full_name}.*"


def events_of_owner(owner: str) -> str:
    """Filter: everything that one service says."""
    return f"{EVENTS}.{owner}.>"


def events_of_subject(subject_id: UUID, owner: str = "*") -> str:
    """Filter: everything about one session or document, by one owner or all."""
    return f"{EVENTS}.{owner}.*.*.{subject_id}"


def ask_subject(service: str, question: str) -> str:
    """Request-reply: `ask.<service>.<question>`."""
    return f"{ASKS}.{service}.{question}"


def live_subject(session_id: UUID | str, kind: str) -> str:
    """What matters only now: `live.<session_id>.<kind>`."""
    return f"{LIVE}.{session_id}.{kind}"


def retry_subject(durable: str, subject_id: UUID | str) -> str:
    """Where a dead letter of `durable` is replayed: only that durable listens there."""
    return f"{RETRY}.{durable}.{subject_id}"


def retries_of(durable: str) -> str:
    """Filter: all replays for one durable."""
    return f"{RETRY}.{durable}.*"


def retries_of_subject(subject_id: UUID) -> str:
    """Filter: replays about one session or document, for any durable."""
    return f"{RETRY}.*.{subject_id}"


def dead_subject(durable: str, subject_id: UUID | str) -> str:
    """Where the dead letters of `durable` are kept."""
    return f"{DEAD}.{durable}.{subject_id}"


def dead_of_subject(subject_id: UUID) -> str:
    """Filter: dead letters about one session or document."""
    return f"{DEAD}.*.{subject_id}"


def check_subject(stream: str, process: str) -> str:
    """Where a process tests that the broker stores messages in a stream; one message of each subject stays."""
    return f"{CHECK}.{stream}.{process}"


def erased_subject(subject_id: UUID | str) -> str:
    """Where it is noted that an interview, a document or an account was erased, for as long as a backup may hold it."""
    return f"{ERASED}.{subject_id}"


def checks_of(stream: str) -> str:
    """Filter: all tests of a stream."""
    return f"{CHECK}.{stream}.*"


def max_deliveries_advisory(stream: str, durable: str) -> str:
    """Where the server reports that a message used up its deliveries."""
    return f"$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{stream}.{durable}"


def max_deliveries_advisories() -> str:
    """Filter: those reports for all streams and consumers."""
    return "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>"


def owner_of(full_name: str) -> str:
    """The service that owns a full name."""
    return full_name.split(".", 1)[0]


def subject_id_of(subject: str) -> str:
    """The last token of a subject: the id that it is about."""
    return subject.rsplit(".", 1)[-1]


def matches(pattern: str, subject: str) -> bool:
    """Whether a subscriber of `pattern` hears `subject`: `*` is one token, `>` one or more at the end."""
    wanted, given = pattern.split("."), subject.split(".")
    if wanted[-1] == ">":
        wanted = wanted[:-1]
        if len(given) <= len(wanted):
            return False
        given = given[: len(wanted)]
    return len(wanted) == len(given) and all(token in ("*", each) for token, each in zip(wanted, given, strict=True))
