"""Users of a NATS server, and the part of its configuration that says what each of them may do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

ADMIN = "parley"
"""The user that may do everything: the provisioner's and the operator's."""


@dataclass(frozen=True)
class NatsUser:
    """A user, with the subjects it may publish and subscribe to. It may also answer any request that reaches it."""

    name: str
    password: str
    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def administrator(password: str) -> NatsUser:
    """The user that may do everything."""
    return NatsUser(ADMIN, password, (">",), (">",))


def authorization(users: Sequence[NatsUser]) -> str:
    """The part of a server's configuration that says who may do what."""
    entries = "\n".join(
        f"    {{ user: {json.dumps(user.name)}, password: {json.dumps(user.password)}, permissions: {{"
        f" publish: {json.dumps(user.publish)}, subscribe: {json.dumps(user.subscribe)}, allow_responses: true }} }}"
        for user in users
    )
    return f"authorization {{\n  users: [\n{entries}\n  ]\n}}\n"
