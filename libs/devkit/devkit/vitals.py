"""Signs of life of the processes that the supervisor looks after, seen from a thread of its own.

Alive is not the same as well: a process that is paused for a while, as a sleeping laptop does, is left alone. Silence
counts only while somebody listened: when this process itself was stopped, nobody did.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import nats
import nats.errors
import nats.js.errors
from contracts.topology import CHECK_STREAM, CONSUMERS, DEAD_STREAM, EVENT_STREAM
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import Header
from runtime.buckets import ACTIVITY_BUCKET, PLACE_BUCKET, TICKET_BUCKET
from runtime.health import ORDINARY_BYTES, store_test_message
from runtime.objects import DOCUMENT_BUCKET
from runtime.provision import is_ahead

from devkit.embedded.process import HOST

EVERY = 2.0
TIMEOUT = 2.0
"""Seconds that one look may take."""
_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
"""The smallest thing that Postgres answers, before any login (protocol, section 55.2.10)."""
Look = Callable[[], Awaitable[bool]]


def answers_http(port: int) -> Look:
    """Whether the loops of a service turn."""

    async def look() -> bool:
        async with _connected(port) as (reader, writer):
            writer.write(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return b" 200 " in await reader.readline()

    return look


def answers_nats(port: int) -> Look:
    """Whether NATS greets whoever connects."""

    async def look() -> bool:
        async with _connected(port) as (reader, _):
            return (await reader.readline()).startswith(b"INFO")

    return look


def answers_postgres(port: int) -> Look:
    """Whether Postgres answers whoever connects."""

    async def look() -> bool:
        async with _connected(port) as (reader, writer):
            writer.write(_SSL_REQUEST)
            return bool(await reader.readexactly(1))

    return look


@contextlib.asynccontextmanager
async def _connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        yield reader, writer
    finally:
        writer.close()


class Vitals:
    """Looks at each of `looks`, by name, and at what the broker at `nats_url` stores, until stopped."""

    def __init__(self, looks: Mapping[str, Look], nats_url: str) -> None:
        self._looks = dict(looks)
        self._nats_url = nats_url
        self._silent = dict.fromkeys(looks, 0.0)
        self.refusing = 0.0
        """Seconds since the broker, though it answers, last stored all that it should."""
        self.unprovisioned = False
        """Streams or consumers are missing, or point past the end of their stream."""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="vitals", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(TIMEOUT + EVERY)

    def silent(self, name: str) -> float:
        """Seconds without a sign of life, of those in which somebody looked."""
        return self._silent[name]

    def forgive(self, name: str) -> None:
        """It was started again: its silence counts from now."""
        self._silent[name] = 0.0

    def look_at(self, name: str, look: Look) -> None:
        """From now on in this way."""
        self._looks[name] = look

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for name in self._looks:
                group.create_task(self._watch(name))
            group.create_task(self._watch_broker())

    async def _watch(self, name: str) -> None:
        while not self._stop.is_set():
            began, alive = time.monotonic(), False
            with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
                async with asyncio.timeout(TIMEOUT):
                    alive = await self._looks[name]()
            await asyncio.sleep(EVERY)
            # Never more than a look takes: a gap means that it was we who slept.
            passed = min(time.monotonic() - began, TIMEOUT + EVERY)
            self._silent[name] = 0.0 if alive else self._silent[name] + passed

    async def _watch_broker(self) -> None:
        while not self._stop.is_set():
            with contextlib.suppress(Exception):
                async with _client(self._nats_url) as client:
                    while not self._stop.is_set() and client.is_connected:
                        await self._test(client.jetstream(timeout=TIMEOUT))
                        await asyncio.sleep(EVERY)
            self.refusing, self.unprovisioned = 0.0, False  # it is away: that is silence, not refusal
            await asyncio.sleep(EVERY / 4)

    async def _test(self, js: JetStreamContext) -> None:
        self.unprovisioned = await _is_unprovisioned(js)  # it answers questions, or this raises
        began, refused = time.monotonic(), False
        if not self.unprovisioned:
            try:
                await _store_everywhere(js)
            except nats.errors.TimeoutError:  # no answer at all is how a stream says that it cannot write
                refused = True
            except nats.js.errors.APIError:  # over a limit: no fault of the broker
                pass
        self.refusing = self.refusing + min(time.monotonic() - began, TIMEOUT) + EVERY if refused else 0.0


@contextlib.asynccontextmanager
async def _client(url: str) -> AsyncIterator[Client]:
    client = await nats.connect(url, allow_reconnect=False, connect_timeout=2, error_cb=_ignore)
    try:
        yield client
    finally:
        await client.close()


async def _ignore(_: Exception) -> None:
    """nats-py writes a traceback by itself where nobody takes its errors; the next test tells."""


async def _is_unprovisioned(js: JetStreamContext) -> bool:
    try:
        for each in CONSUMERS:
            if await is_ahead(js, each):
                return True
    except nats.js.errors.NotFoundError:
        return True
    return False


async def _store_everywhere(js: JetStreamContext) -> None:
    """Each stream by itself: after a full disk one may refuse everything while others go on."""
    for stream in (CHECK_STREAM, EVENT_STREAM, DEAD_STREAM):
        await store_test_message(js, stream, "supervisor", size=ORDINARY_BYTES)
    for bucket in (ACTIVITY_BUCKET, TICKET_BUCKET, PLACE_BUCKET):
        await (await js.key_value(bucket)).put("check", bytes(ORDINARY_BYTES))
    headers = {Header.ROLLUP.value: "sub"}
    stream = f"OBJ_{DOCUMENT_BUCKET}"
    await js.publish(f"$O.{DOCUMENT_BUCKET}.C.check", bytes(ORDINARY_BYTES), stream=stream, headers=headers)
