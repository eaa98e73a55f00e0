"""Signing and reading tokens. Pure: everything in a token follows from what the database keeps.

So the same family, generation and moment give the same token again, and none has to be stored.
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import jwt

from gateway.auth.errors import InvalidToken
from gateway.auth.settings import IdentitySettings
from gateway.auth.user import User

ALGORITHM = "HS256"
MOST_SEEN = 10_000
REQUIRED_CLAIMS = ["sub", "jti", "fam", "iat", "exp"]
_REFRESH_SHAPE = re.compile(r"([0-9a-f]{32})\.([1-9][0-9]{0,8})\.[A-Za-z0-9_-]{43}")
_AUDIO_SHAPE = re.compile(r"([0-9a-f]{32})\.([0-9]{1,9})\.([0-9]{1,12})\.[A-Za-z0-9_-]{43}")
_SESSION_SHAPE = re.compile(r"([0-9a-f]{32})\.[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Grant:
    """One generation of a login's tokens, and when it was issued."""

    family_id: UUID
    generation: int
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What a valid access token says."""

    user_id: UUID
    family_id: UUID
    jti: UUID
    expires_at: datetime


def key_id(secret: str) -> str:
    """The `kid` of a signing secret."""
    return hashlib.sha256(secret.encode()).hexdigest()[:8]


class Tokens:
    """Signs with the current secret, verifies with the current and the previous one."""

    def __init__(self, settings: IdentitySettings) -> None:
        self._current = settings.jwt_secret.get_secret_value()
        previous = settings.jwt_secret_previous
        secrets = [self._current, *([previous.get_secret_value()] if previous else [])]
        self._secrets = {key_id(secret): secret for secret in secrets}
        self._access_ttl = settings.access_token_ttl
        self._seen: dict[bytes, AccessClaims] = {}
        for secret in secrets:  # a secret that PyJWT refuses should fail here, not at the first login
            jwt.get_algorithm_by_name(ALGORITHM).prepare_key(secret)

    def access(self, user: User, grant: Grant) -> str:
        """The access token of this generation."""
        issued = int(grant.issued_at.timestamp())
        claims = {
            "sub": str(user.id),
            "user_id": str(user.id),
            "email": user.email,
            "role": user.role,
            "jti": str(uuid5(grant.family_id, str(grant.generation))),
            "fam": str(grant.family_id),
            "iat": issued,
            "exp": issued + self._access_ttl,
        }
        return jwt.encode(claims, self._current, ALGORITHM, headers={"kid": key_id(self._current)})

    def refresh(self, grant: Grant) -> str:
        """The refresh token of this generation."""
        return _signed(self._current, "refresh", f"{grant.family_id.hex}.{grant.generation}")

    def session(self, token_id: UUID) -> str:
        """The token that opens one interview, by the id of what is kept about it."""
        return _signed(self._current, "session", token_id.hex)

    def audio(self, session_id: UUID, seq: int, expires: int) -> str:
        """What opens the sound of one message, until a moment in seconds of Unix time."""
        return _signed(self._current, "audio", f"{session_id.hex}.{seq}.{expires}")

    def read_access(self, token: str) -> AccessClaims:
        """Check signature, algorithm and expiry. Raises InvalidToken."""
        try:
            digest = hashlib.sha256(token.encode()).digest()
            claims = self._seen.get(digest) or self._remember(digest, _claims(self._verified(token)))
        except (jwt.PyJWTError, ValueError, OverflowError):
            raise InvalidToken from None
        if claims.expires_at <= _now():
            raise InvalidToken
        return claims

    def read_refresh(self, token: str) -> tuple[UUID, int]:
        """The family and generation of a refresh token that we signed. Raises InvalidToken."""
        shape = _REFRESH_SHAPE.fullmatch(token)
        if shape is None:
            raise InvalidToken
        self._must_be_signed("refresh", token)
        return UUID(hex=shape[1]), int(shape[2])

    def read_session(self, token: str) -> UUID:
        """The id that an interview's token is derived from. Raises InvalidToken."""
        shape = _SESSION_SHAPE.fullmatch(token)
        if shape is None:
            raise InvalidToken
        self._must_be_signed("session", token)
        return UUID(hex=shape[1])

    def read_audio(self, token: str) -> tuple[UUID, int]:
        """The session and the message whose sound it opens. Raises InvalidToken, also once it has expired."""
        shape = _AUDIO_SHAPE.fullmatch(token)
        if shape is None:
            raise InvalidToken
        self._must_be_signed("audio", token)
        if int(shape[3]) <= _now().timestamp():
            raise InvalidToken
        return UUID(hex=shape[1]), int(shape[2])

    def _must_be_signed(self, purpose: str, token: str) -> None:
        content = token.rpartition(".")[0]
        expected = [_signed(secret, purpose, content) for secret in self._secrets.values()]
        matching = [hmac.compare_digest(candidate, token) for candidate in expected]  # all of them, whatever the first
        if not any(matching):
            raise InvalidToken

    def _remember(self, digest: bytes, claims: AccessClaims) -> AccessClaims:
        """A signature stays good, and to check it takes longer than all else that happens to a request at the door."""
        if len(self._seen) >= MOST_SEEN:
            self._seen.clear()
        self._seen[digest] = claims
        return claims

    def _verified(self, token: str) -> Mapping[str, Any]:
        secret = self._secrets.get(str(jwt.get_unverified_header(token).get("kid")))
        if secret is None:
            raise InvalidToken
        # `iat` comes from the database's clock, which may be a little ahead of ours.
        options: Any = {"require": REQUIRED_CLAIMS, "verify_iat": False}
        verified: Mapping[str, Any] = jwt.decode(token, secret, algorithms=[ALGORITHM], options=options)
        return verified


def _now() -> datetime:
    return datetime.now(UTC)


def _claims(verified: Mapping[str, Any]) -> AccessClaims:
    return AccessClaims(
        user_id=UUID(str(verified["sub"])),
        family_id=UUID(str(verified["fam"])),
        jti=UUID(str(verified["jti"])),
        expires_at=datetime.fromtimestamp(int(verified["exp"]), UTC),
    )


def _signed(secret: str, purpose: str, content: str) -> str:
    # The purpose keeps this use of the secret apart from the others, and from the signing of JWTs.
    digest = hmac.digest(secret.encode(), f"{purpose}|{content.replace('.', '|')}".encode(), "sha256")
    return f"{content}.{urlsafe_b64encode(digest).rstrip(b'=').decode()}"
