"""Secrets and settings, and that neither they nor tokens are shown."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from gateway.auth.errors import InvalidToken
from gateway.auth.settings import IdentitySettings
from gateway.auth.tokens import Grant, Tokens
from gateway.auth.user import User
from pydantic import SecretStr, ValidationError

SECRET = "the secret of the tests, " * 3
OLD_SECRET = "the secret before that, " * 3


def _settings(secret: str = SECRET, previous: str | None = None, **more: Any) -> IdentitySettings:
    old = SecretStr(previous) if previous else None
    return IdentitySettings(jwt_secret=SecretStr(secret), jwt_secret_previous=old, **more)


def test_a_bad_secret_fails_at_the_start_and_is_not_shown() -> None:
    with pytest.raises(ValidationError) as refused:
        _settings("hunter2")
    assert "hunter2" not in str(refused.value)
    assert SECRET not in repr(_settings())
    with pytest.raises(jwt.InvalidKeyError):
        Tokens(_settings('{"kty": "oct", "k": "not a plain secret"}'))
    with pytest.raises(ValidationError):
        _settings(auth_cache_seconds=10)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_SECRET", SECRET)
    monkeypatch.setenv("JWT_SECRET_PREVIOUS", "")
    monkeypatch.setenv("ACCESS_TOKEN_TTL", "60")
    settings = IdentitySettings()  # type: ignore[call-arg]
    assert settings.jwt_secret_previous is None
    assert (settings.access_token_ttl, settings.refresh_token_ttl) == (60, 30 * 86400)


def test_errors_do_not_repeat_the_token() -> None:
    with pytest.raises(InvalidToken) as refused:
        Tokens(_settings()).read_access("secret.token.here")
    assert "secret" not in str(refused.value) and refused.value.__suppress_context__


def test_a_token_that_was_good_ends_with_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = Tokens(IdentitySettings(jwt_secret=SecretStr("s" * 32), access_token_ttl=60))
    now = datetime.now(UTC)
    user = User(uuid4(), "ada@example.com", "Ada", "user", True, now)
    token = tokens.access(user, Grant(uuid4(), 1, now))
    assert tokens.read_access(token).user_id == tokens.read_access(token).user_id == user.id
    monkeypatch.setattr("gateway.auth.tokens._now", lambda: now + timedelta(seconds=61))
    with pytest.raises(InvalidToken):
        tokens.read_access(token)


def test_a_good_token_vouches_for_no_other() -> None:
    tokens = Tokens(IdentitySettings(jwt_secret=SecretStr("s" * 32)))
    user = User(uuid4(), "ada@example.com", "Ada", "user", True, datetime.now(UTC))
    token = tokens.access(user, Grant(uuid4(), 1, datetime.now(UTC)))
    tokens.read_access(token)
    for other in (token[:-5] + ("A" if token[-5] != "A" else "B") + token[-4:], token.replace(".", ".e", 1)):
        with pytest.raises(InvalidToken):
            tokens.read_access(other)
