"""Messages that several delete at once."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from contracts.subjects import event_subject
from contracts.topology import EVENT_STREAM
from nats.aio.client import Client
from nats.js.errors import APIError, NotFoundError
from runtime.streams import delete_message


async def a_message(connection: Client) -> int:
    """The place of a new message."""
    js = connection.jetstream()
    return (await js.publish(event_subject("session.created.v1", uuid4()), b"{}", stream=EVENT_STREAM)).seq


async def test_a_message_that_several_delete_is_deleted_and_nobody_fails(
    nats_url: str, broker_connection: Client
) -> None:
    js, sequence = broker_connection.jetstream(), await a_message(broker_connection)
    await asyncio.gather(*(delete_message(js, EVENT_STREAM, sequence) for _ in range(5)))
    await delete_message(js, EVENT_STREAM, sequence)
    with pytest.raises(NotFoundError):
        await js.get_msg(EVENT_STREAM, seq=sequence)


async def test_a_message_that_never_was_needs_no_deleting(nats_url: str, broker_connection: Client) -> None:
    await delete_message(broker_connection.jetstream(), EVENT_STREAM, 1_000_000)


async def test_a_message_that_may_not_be_deleted_is_an_error(nats_url: str, broker_connection: Client) -> None:
    js = broker_connection.jetstream()
    await js.add_stream(name="SEALED", subjects=["sealed"])
    sequence = (await js.publish("sealed", b"{}")).seq
    info = await js.stream_info("SEALED")
    await js.update_stream(info.config.evolve(sealed=True))
    with pytest.raises(APIError):
        await delete_message(js, "SEALED", sequence)
    await js.delete_stream("SEALED")
