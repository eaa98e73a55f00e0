"""Makes the broker's streams and consumers what the topology says. Safe to run at any time, any number of times.

Services never declare them: two that declare one stream would overwrite each other.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from importlib.metadata import entry_points

import nats
import structlog
from contracts.topology import CONSUMERS, STREAMS, Consumer, Stream, consumer
from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    KeyValueConfig,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import APIError, BadRequestError, NotFoundError
from pydantic import Field
from pydantic_settings import SettingsConfigDict

from runtime.backlog import past_the_end
from runtime.buckets import LIFETIMES
from runtime.lifecycle import keep_rules
from runtime.objects import DOCUMENT_BUCKET, RECORDING_BUCKET, SPEECH_BUCKET, ObjectSettings
from runtime.sql.migrations import DatabaseAdmin

log = structlog.get_logger()

RECOVER = timedelta(minutes=5)
"""Longer than the supervisor takes to notice that a stream lost its end; whoever notices later says so."""
EVENT_BYTES = 2 * 1024**3
"""How much the event stream may hold. What every durable has handled is trimmed long before, so that this is weeks of
messages that nobody handles."""
DOCUMENT_BYTES = 10 * 1024**3
"""How much the document bucket may hold, since it shares the disk with the events. Where the broker has less room than
that to promise, the bucket has no limit of its own."""
SPEECH_BYTES, SPEECH_SECONDS = 2 * 1024**3, 24 * 3600.0
"""The same of the speech bucket, which keeps for a day what was spoken: nothing in it is the only copy."""
RECORDING_BYTES = 10 * 1024**3
"""The same of the bucket of recordings. How long they are kept is a setting."""
KEEPING = ("session", "gateway", "documents")
"""Durables whose handlers write to Postgres."""
REWIND = timedelta(minutes=1)
"""More than a message takes from its publication until it is recorded, with clocks that differ."""
_NO_ROOM = 10047


def stream_config(stream: Stream, replicas: int, event_bytes: int = EVENT_BYTES) -> StreamConfig:
    """A stream of the topology as the broker wants it. One that is full refuses, and drops nothing."""
    return StreamConfig(
        name=stream.name,
        subjects=list(stream.subjects),
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.NEW if stream.bounded else DiscardPolicy.OLD,
        max_bytes=event_bytes if stream.bounded else -1,
        max_age=stream.max_age,
        duplicate_window=stream.duplicate_window,
        num_replicas=replicas,
        allow_rollup_hdrs=True,  # a test of the stream replaces the one before
        allow_direct=True,
    )


def consumer_config(consumer: Consumer) -> ConsumerConfig:
    """A consumer of the topology as the broker wants it. No `backoff`: it would replace `ack_wait`."""
    return ConsumerConfig(
        name=consumer.durable,
        durable_name=consumer.durable,
        filter_subjects=list(consumer.filters),
        ack_policy=AckPolicy.EXPLICIT,
        deliver_policy=DeliverPolicy.ALL,
        ack_wait=consumer.ack_wait,
        max_deliver=consumer.max_deliver,
        max_ack_pending=consumer.max_ack_pending,
    )


def object_store_config(bucket: str, replicas: int, max_bytes: int, max_age: float = 0) -> StreamConfig:
    """The stream behind a bucket, as every client of NATS's object store makes it: a full one refuses. Ages are in
    seconds; 0 keeps for ever."""
    return StreamConfig(
        name=f"OBJ_{bucket}",
        subjects=[f"$O.{bucket}.C.>", f"$O.{bucket}.M.>"],
        storage=StorageType.FILE,
        discard=DiscardPolicy.NEW,
        max_bytes=max_bytes,
        max_age=max_age,
        num_replicas=replicas,
        allow_rollup_hdrs=True,
        allow_direct=True,
    )


async def provision_broker(
    js: JetStreamContext,
    *,
    replicas: int = 1,
    document_bytes: int = DOCUMENT_BYTES,
    event_bytes: int = EVENT_BYTES,
    recording_days: float = 30,
    recover: timedelta = RECOVER,
) -> None:
    """Create or update every stream, consumer and bucket.

    A consumer that is ahead of its stream is made anew, and begins with what was published in the last `recover`.
    """
    for stream in STREAMS:
        await _upsert_within(js, stream_config(stream, replicas, event_bytes))
    for each in CONSUMERS:
        await _upsert_consumer(js, each, recover)
    for bucket, ttl in LIFETIMES.items():
        config = KeyValueConfig(bucket=bucket, ttl=ttl, storage=StorageType.FILE, replicas=replicas)
        try:
            present = (await js.stream_info(f"KV_{bucket}")).config
        except NotFoundError:
            await js.create_key_value(config)
        else:
            if present.num_replicas != replicas:
                await js.update_stream(present.evolve(num_replicas=replicas))
    await _upsert_within(js, object_store_config(DOCUMENT_BUCKET, replicas, document_bytes))
    await _upsert_within(js, object_store_config(SPEECH_BUCKET, replicas, SPEECH_BYTES, SPEECH_SECONDS))
    age = (recording_days or 1) * 24 * 3600
    await _upsert_within(js, object_store_config(RECORDING_BUCKET, replicas, RECORDING_BYTES, age))


async def is_ahead(js: JetStreamContext, consumer: Consumer) -> bool:
    """Whether a consumer points past the end of its stream: nothing new would reach it.

    A stream that lost its end, by a damaged file or a partial restore, goes on at a lower number. Raises NotFoundError.
    """
    info = await js.consumer_info(consumer.stream, consumer.durable)
    return past_the_end(info, (await js.stream_info(consumer.stream)).state.last_seq)


async def _upsert_consumer(js: JetStreamContext, consumer: Consumer, recover: timedelta) -> None:
    config = consumer_config(consumer)
    try:
        if await is_ahead(js, consumer):
            config = await _begin_anew(js, consumer, config, recover)
        else:  # where it once began cannot be changed
            info = await js.consumer_info(consumer.stream, consumer.durable)
            present = info.config
            config = config.evolve(deliver_policy=present.deliver_policy, opt_start_time=present.opt_start_time)
            if present.max_ack_pending == 1 and (info.num_pending or info.num_ack_pending):  # `rewind`
                config = config.evolve(max_ack_pending=1)
    except NotFoundError:
        pass
    await js.add_consumer(consumer.stream, config)


async def _begin_anew(
    js: JetStreamContext, consumer: Consumer, config: ConsumerConfig, recover: timedelta
) -> ConsumerConfig:
    """What was published since the stream lost its end lies below the consumer and would be skipped. What it handled
    before is recognised by its ids."""
    since = datetime.now(UTC) - recover
    log.error("a consumer was ahead of its stream and begins anew", durable=consumer.durable, since=since.isoformat())
    await js.delete_consumer(consumer.stream, consumer.durable)
    return config.evolve(deliver_policy=DeliverPolicy.BY_START_TIME, opt_start_time=since)


async def rewind(js: JetStreamContext, to: datetime) -> None:
    """After Postgres alone was put back to an earlier moment: those who keep something there get what was published
    since once more. What they have recorded already they know by its ids.

    One message at a time, since an answer means nothing before the question that it answers; `provision` lets them work
    on many again once they have caught up.
    """
    for durable in KEEPING:
        spec = consumer(durable)
        await js.delete_consumer(spec.stream, spec.durable)
        config = consumer_config(spec).evolve(deliver_policy=DeliverPolicy.BY_START_TIME, opt_start_time=to - REWIND)
        config = config.evolve(max_ack_pending=1)
        await js.add_consumer(spec.stream, config)


async def _upsert_within(js: JetStreamContext, config: StreamConfig) -> None:
    """As configured, or without a limit in bytes where the broker has not that much to promise."""
    try:
        await _upsert_stream(js, config)
    except APIError as error:
        if error.err_code != _NO_ROOM or config.max_bytes == -1:
            raise
        log.warning("no room for a stream of that size: it stays without limit", stream=config.name)
        await _upsert_stream(js, config.evolve(max_bytes=-1))


async def _upsert_stream(js: JetStreamContext, config: StreamConfig) -> None:
    try:
        await js.add_stream(config)
    except BadRequestError:
        await js.update_stream(config)


def migrate_databases(admin: DatabaseAdmin) -> None:
    """Run the migrations of every installed service, as the owner of the tables."""
    for entry in sorted(entry_points(group="parley.migrations"), key=lambda each: each.name):
        entry.load()(admin)
        log.info("database migrated", schema=entry.name)


class ProvisionSettings(ObjectSettings):
    """Settings of the provisioner."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    nats_url: str = Field("nats://127.0.0.1:4222", description="Servers of the NATS cluster, comma-separated.")
    nats_admin_user: str = Field("", description="NATS user that may manage streams; empty for none.")
    nats_admin_password: str = Field("", description="Its password.")
    event_stream_mb: int = Field(
        2048, ge=16, description="Most that the event stream may hold, in MiB; a full one refuses, and drops nothing."
    )
    recording_days: float = Field(
        30,
        ge=0,
        description="Days that recordings of answers are kept; 0 keeps them until they are understood, and for a day"
        " where that fails.",
    )
    nats_replicas: int = Field(1, ge=1, le=5, description="Copies of each stream; 3 on a cluster.")
    database_admin_url: str = Field(
        "postgresql://postgres@127.0.0.1:5432/parley", description="Postgres, as the owner of the tables."
    )
    recover_minutes: float = Field(
        5,
        gt=0,
        description="A consumer that is ahead of its stream, after a damaged file or a partial restore, begins anew "
        "with what was published in so many last minutes: since before the damage.",
    )
    service_db_password: str = Field(
        "",
        description="Given to those of the services' database roles that have none of their own; empty leaves theirs.",
    )
    database_password_gateway: str = Field("", description="The same for the role `parley_gateway` alone.")
    database_password_session: str = Field("", description="For `parley_session`.")
    database_password_documents: str = Field("", description="For `parley_documents`.")
    database_password_gateway_second: str = Field(
        "",
        description="Makes a second login with the rights of that role, `parley_gateway_second`: to change passwords.",
    )
    database_password_session_second: str = Field("", description="For `parley_session_second`.")
    database_password_documents_second: str = Field("", description="For `parley_documents_second`.")

    @property
    def database_passwords(self) -> dict[str, str]:
        """Those of roles that have one of their own, by role."""
        prefix = "database_password_"
        given = {name.removeprefix(prefix): value for name, value in self if name.startswith(prefix) and value}
        return {f"parley_{name}": value for name, value in given.items()}


async def provision(settings: ProvisionSettings) -> None:
    """Provision the broker and the databases; raises whatever keeps it from doing so."""
    credentials = {"user": settings.nats_admin_user, "password": settings.nats_admin_password}
    connection = await nats.connect(
        settings.nats_url.split(","), max_reconnect_attempts=10, **(credentials if settings.nats_admin_user else {})
    )
    try:
        await provision_broker(
            connection.jetstream(),
            replicas=settings.nats_replicas,
            event_bytes=settings.event_stream_mb * 1024**2,
            recording_days=settings.recording_days,
        )
        log.info("broker provisioned", streams=len(STREAMS), consumers=len(CONSUMERS))
    finally:
        await connection.close()
    if settings.object_store_url:
        await asyncio.to_thread(keep_rules, settings.object_store_url, settings.recording_days)
    admin = DatabaseAdmin(settings.database_admin_url, settings.service_db_password, settings.database_passwords)
    await asyncio.to_thread(migrate_databases, admin)
