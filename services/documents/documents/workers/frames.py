"""What a worker and its owner say to each other: frames of bytes, each with its length before it."""

from __future__ import annotations

import asyncio
import struct
from typing import BinaryIO

MAX_FRAME = 256 * 1024 * 1024
"""Largest frame that a worker may send, in bytes; a larger one means that the worker is broken."""
_LENGTH = struct.Struct(">I")
READY = b"ready"
"""The first frame of a worker, when it has loaded everything."""
WAS_READ = b"read"
"""Comes before the outcome of a file whose words were read: what follows is understanding them."""


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
