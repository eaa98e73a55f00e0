"""Production starts with secrets of its own, or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr, ValidationError
from runtime.settings import DatabaseSettings, RuntimeSettings

GOOD = "3f9c1d77aa42"


class Settings(RuntimeSettings, DatabaseSettings):
    """A service with a database and a secret."""

    jwt_secret: SecretStr = SecretStr(GOOD)
    jwt_secret_previous: SecretStr = SecretStr(GOOD)
    openai_api_key: SecretStr = SecretStr("ollama")


def settings(**values: Any) -> Settings:
    own = {"nats_password": GOOD, "database_url": f"postgresql://parley:{GOOD}@db/parley"}
    return Settings(env="production", **(own | values))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("nats_password", "development"),
        ("nats_password", "aaaaaaaa"),
        ("database_url", "postgresql://parley_session:development@postgres:5432/parley"),
        ("database_url", "postgresql://parley_session:@postgres:5432/parley"),
        ("jwt_secret", "development-only-never-use-this-in-production"),
        ("jwt_secret", "Development-only-never-use-this-in-production"),
        ("jwt_secret", " " * 32),
        ("jwt_secret", "a" * 32),
        ("jwt_secret_previous", "development-only-never-use-this-in-production"),
    ],
)
def test_production_refuses_what_can_be_known_or_guessed(name: str, value: str) -> None:
    with pytest.raises(ValidationError) as refused:
        settings(**{name: value})
    assert name.upper() in str(refused.value)
    assert "openssl rand -hex 32" in str(refused.value)
    assert value == "development" or not value.strip() or value not in str(refused.value)


def test_production_starts_with_secrets_of_its_own() -> None:
    assert settings().env == "production"


def test_a_database_that_asks_for_no_password_is_the_operators_choice() -> None:
    assert settings(database_url="postgresql://parley_session@db/parley").env == "production"


def test_development_takes_anything() -> None:
    assert Settings(nats_password="development").env == "development"
