"""The question that every service answers."""

from __future__ import annotations

from contracts.envelope import Contract


class AliveAsk(Contract):
    """Asked of any service: does your work succeed now?"""


class Alive(Contract):
    """`checks` has each part of the replica that answered, with `ok` or what is wrong."""

    works: bool
    checks: dict[str, str] = {}
