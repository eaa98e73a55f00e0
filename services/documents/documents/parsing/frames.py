"""What a worker and its owner say to each other: frames of bytes, each with its length before it."""

from __future__ import annotations

import asyncio
import struct
from typing import BinaryIO, Literal

from contracts.envelope import Contract
from contracts.vocabulary.document import FailureCode, MediaType

from documents.parsed import Parsed

MAX_FRAME = 256 * 1024 * 1024
"""Largest frame that a parsing worker may send, in bytes; a larger one means that the worker is broken."""
_LENGTH = struct.Struct(">I")


class Task(Contract):
    """Says what the frame after it is."""

    media_type: MediaType


class Result(Contract):
    """What became of it: text, or why there is none. `exhausted`: the worker ran out of memory, and ends.
    `failure` is the type of an exception that no reader should raise."""

    parsed: Parsed | None = None
    code: FailureCode | None = None
    message: str = ""
    exhausted: bool = False
    failure: str = ""


READY: Literal[b"ready"] = b"ready"
"""The first frame of a worker, when it has loaded everything."""


def framed(data: bytes) -> bytes:
    """The head of the frame that holds `data`, which goes after it."""
    return _LENGTH.pack(len(data))


def read_frame(stream: BinaryIO) -> bytes | None:
    """The next frame; None when the other side is gone."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    data = stream.read(length)
    return data if len(data) == length else None


def write_frame(stream: BinaryIO, data: bytes) -> None:
    """Write `data` as one frame."""
    stream.write(framed(data))
    stream.write(data)
    stream.flush()


async def receive(stream: asyncio.StreamReader) -> bytes:
    """The next frame. Raises asyncio.IncompleteReadError when the other side is gone, ValueError for a huge frame."""
    (length,) = _LENGTH.unpack(await stream.readexactly(_LENGTH.size))
    if length > MAX_FRAME:
        raise ValueError(f"a frame of {length} bytes")
    return await stream.readexactly(length)
