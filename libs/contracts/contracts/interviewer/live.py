"""A reply while it is being written."""

from __future__ import annotations

from contracts.envelope import Contract


class ReplyDelta(Contract):
    """A piece of a reply while it is being written. `offset` counts characters; a newer `attempt`, or
    `revision`, replaces the draft."""

    turn: int
    revision: int
    attempt: int
    offset: int
    text: str
