"""Idempotency-Keys: the derived id of a request, and the hash that tells another body apart."""

import hashlib
import json
from dataclasses import dataclass
from uuid import UUID, uuid5

_NAMESPACE = UUID("0f0c6f3e-5b0e-5d0b-9b53-6a1b7f6d2c11")


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request that came with a key. Two callers with the same key have different ids."""

    id: UUID
    body_hash: str


_RANDOM_VERSIONS = (4, 7)


def is_unguessable(key: str) -> bool:
    """Whether nobody else can come up with this key: a UUID of a version that is made by chance.

    Other texts may be as good, or somebody's `create-session-1`; no rule about their letters can tell.
    """
    try:
        return UUID(key).version in _RANDOM_VERSIONS
    except ValueError:
        return False


def keyed(route: str, scope: str, key: str | None, *body: str | int) -> KeyedRequest | None:
    """Derive the id from route, scope (whose key it is) and key; None without a key.

    A password is never part of `body`: even its hash would be quick to guess. Who replays a request
    proves the password against the account's argon2 hash instead.
    """
    if key is None:
        return None
    body_hash = hashlib.sha256(json.dumps(body).encode()).hexdigest()
    return KeyedRequest(uuid5(_NAMESPACE, json.dumps([route, scope, key])), body_hash)
