"""The floor of a turn: the same hops, commits and durability as Parley's, with nothing around them.

A request over HTTP is published; `session` commits it and publishes; `interviewer` and `coach` reply; `session`
commits both; the request is answered with the first. Plain nats-py and asyncpg, uvicorn without a framework.
Run as `python -m benchmarks.floor ROLE`, configured by FLOOR_NATS, FLOOR_DATABASE and FLOOR_PORT.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import asyncpg
import nats
import uvicorn
import uvloop
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, StreamConfig

STREAM = "FLOOR"
WORKERS = 32
CONSUMERS = {
    "session": ("floor.message.*", "floor.reply.*", "floor.feedback.*"),
    "interviewer": ("floor.answer.*",),
    "coach": ("floor.answer.*",),
}
NEXT = {"message": "answer", "reply": "question", "feedback": "judged"}
SCHEMA = """
CREATE SCHEMA floor;
CREATE TABLE floor.events (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, stream_id uuid NOT NULL,
    event_id uuid NOT NULL UNIQUE, user_id uuid, data jsonb NOT NULL);
CREATE ROLE floor LOGIN PASSWORD 'floor';
GRANT USAGE ON SCHEMA floor TO floor;
GRANT SELECT, INSERT ON floor.events TO floor;
ALTER TABLE floor.events ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON floor.events TO floor
    USING (stream_id = NULLIF(current_setting('parley.session_id', true), '')::uuid);
"""


async def provision(nats_url: str, database_url: str) -> None:
    """Make the floor's own stream, consumers and table."""
    connection = await nats.connect(nats_url)
    js = connection.jetstream()
    await js.add_stream(StreamConfig(name=STREAM, subjects=["floor.>"], duplicate_window=120))
    for name, filters in CONSUMERS.items():
        config = ConsumerConfig(
            name=name, durable_name=name, filter_subjects=list(filters), ack_policy=AckPolicy.EXPLICIT,
            ack_wait=5, max_ack_pending=1024,
        )  # fmt: skip
        await js.add_consumer(STREAM, config)
    await connection.close()
    database = await asyncpg.connect(database_url)
    await database.execute(SCHEMA)
    await database.close()


async def publish(js: JetStreamContext, kind: str, session_id: str, body: bytes) -> None:
    """Acknowledged and de-duplicated."""
    headers = {"Nats-Msg-Id": str(uuid4())}
    await js.publish(f"floor.{kind}.{session_id}", body, stream=STREAM, headers=headers, timeout=5)


async def consume(js: JetStreamContext, name: str, handle: Callable[[Msg], Awaitable[None]]) -> None:
    """Pull and handle, several at a time."""
    subscription = await js.pull_subscribe_bind(name, stream=STREAM)
    gate = asyncio.Semaphore(WORKERS)

    async def one(message: Msg) -> None:
        try:
            await handle(message)
            await message.ack()
        finally:
            gate.release()

    running: set[asyncio.Task[None]] = set()
    while True:
        await gate.acquire()
        try:
            (message,) = await subscription.fetch(1, timeout=5)
        except TimeoutError:
            gate.release()
            continue
        task = asyncio.create_task(one(message))
        running.add(task)
        task.add_done_callback(running.discard)


async def session(connection: Client) -> None:
    """Commits every message and publishes what follows."""
    pool = await asyncpg.create_pool(os.environ["FLOOR_DATABASE"], min_size=2, max_size=10)
    js = connection.jetstream()

    async def handle(message: Msg) -> None:
        _, kind, session_id = message.subject.split(".")
        async with pool.acquire() as database:
            await database.execute(f"BEGIN; SELECT set_config('parley.session_id', '{session_id}', true)")
            await database.execute(
                "INSERT INTO floor.events (stream_id, event_id, data) VALUES ($1, $2, $3)",
                session_id, uuid4(), message.data.decode(),
            )  # fmt: skip
            await database.execute("COMMIT")
        await publish(js, NEXT[kind], session_id, message.data)

    await consume(js, "session", handle)


def engine(reply: str) -> Callable[[Client], Awaitable[None]]:
    """Replies at once."""

    async def run(connection: Client) -> None:
        js = connection.jetstream()

        async def handle(message: Msg) -> None:
            await publish(js, reply, message.subject.split(".")[2], message.data)

        await consume(js, "interviewer" if reply == "reply" else "coach", handle)

    return run


async def gateway(connection: Client) -> None:
    """HTTP in front: publishes the body and answers with the reply."""
    js = connection.jetstream()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        body = (await receive())["body"]
        session_id = scope["path"].rsplit("/", 1)[-1]
        arrived: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        async def on_reply(message: Msg) -> None:
            if not arrived.done():
                arrived.set_result(message.data)

        subscription = await connection.subscribe(f"floor.question.{session_id}", cb=on_reply)
        await publish(js, "message", session_id, body)
        answer = json.dumps(json.loads(await arrived)).encode()
        await subscription.unsubscribe()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    config = uvicorn.Config(
        app, port=int(os.environ["FLOOR_PORT"]), log_config=None, access_log=False, lifespan="off", loop="none"
    )
    await uvicorn.Server(config)._serve()


ROLES: dict[str, Callable[[Client], Awaitable[None]]] = {
    "gateway": gateway,
    "session": session,
    "interviewer": engine("reply"),
    "coach": engine("feedback"),
}


async def _main(role: str) -> None:
    await ROLES[role](await nats.connect(os.environ["FLOOR_NATS"]))


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_main(sys.argv[1]))
