"""A voice on its way: sound to a speech worker, and what it understands, over core NATS.

The gateway asks who has room (`ask.speech.room`, which every worker hears and only those with room answer), and gives
the voice to the first (`ask.speech.listen-<worker>`). Each such claim has an id of its own: a worker that was given up
speaks to nobody.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from pydantic import Field

from contracts.envelope import Contract
from contracts.vocabulary.hearing import HeardWord

SOUND, HEARD = "sound", "heard"
"""Kinds of live subjects of a claim: what is heard goes to the worker, what it says of it comes back."""
BEAT_SECONDS = 0.5
"""How often a worker says that it lives."""
QUIET_SECONDS = 10.0
"""Without anything from the gateway for so long, a worker lets go of a voice."""
Container = Literal["", "matroska", "ogg", "wav", "mov", "mp3", "flac", "aac"]
"""The kind of file that the sound is, by FFmpeg's names; empty is PCM: one channel, 16 bit, 16 kHz."""
_HEAD = struct.Struct(">cI")
Order = Literal["sound", "finalize", "end", "alive"]
_ORDERS: dict[bytes, Order] = {b"s": "sound", b"f": "finalize", b"e": "end", b"a": "alive"}
_CODES = {order: code for code, order in _ORDERS.items()}


class RoomAsk(Contract):
    """Who can listen to another voice in this language? Only who can answers."""

    language: str = "en"


class Room(Contract):
    """`worker` names who can."""

    worker: str


class ListenAsk(Contract):
    """Listen to a voice. The sound begins `begins_at` seconds into the stream, and what comes before `heard_until` was
    understood already, by another."""

    claim_id: UUID
    language: str = "en"
    container: Container = ""
    begins_at: float = Field(0.0, ge=0)
    heard_until: float = Field(0.0, ge=0)


class Listening(Contract):
    """`accepted` False: somebody was quicker, and there is no room left."""

    accepted: bool


class StreamHeard(Contract):
    """What a worker says of a voice. Times are in seconds of the stream.

    `alive`: it goes on. `listening`: it has begun, as the gateway says to its clients.
    `partial`: the words since the last final, the first `stable` characters of which hardly change any more. `final`:
    words that will not change; the sound before `until` is done with. `started` and `utterance_ended`: somebody begins,
    or has not spoken since `at`. `failed`: it cannot go on, and another may. `ended`: all is final.
    """

    kind: Literal["alive", "listening", "started", "partial", "final", "utterance_ended", "failed", "ended"]
    text: str = ""
    stable: int = 0
    at: float = 0.0
    until: float = 0.0
    words: tuple[HeardWord, ...] = ()
    confidence: float = 0.0
    language: str = ""


@dataclass(frozen=True)
class Frame:
    """A message to a worker; `number` counts those of a claim from 0, so that a gap is seen."""

    order: Order
    number: int
    data: bytes = b""

    def encode(self) -> bytes:
        """As it travels."""
        return _HEAD.pack(_CODES[self.order], self.number) + self.data

    @classmethod
    def decode(cls, raw: bytes) -> Frame:
        """Raises ValueError for what is none."""
        try:
            code, number = _HEAD.unpack_from(raw)
            return cls(_ORDERS[code], number, raw[_HEAD.size :])
        except (struct.error, KeyError):
            raise ValueError("not a frame") from None
