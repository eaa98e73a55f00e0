"""Production starts with secrets of its own, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError
from pydantic_settings import SettingsError
from runtime.settings import DatabaseSettings, RuntimeSettings

from tools import services

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


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of secrets, as Kubernetes mounts them."""
    monkeypatch.setenv("SECRETS_DIR", str(tmp_path))
    return tmp_path


def test_settings_are_read_from_a_directory_and_the_environment_counts_more(
    secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (secrets / "NATS_PASSWORD").write_text(f"{GOOD}\n")
    (secrets / "JWT_SECRET").write_text("from-the-file-3f9c1d77aa42")
    (secrets / "WORKERS").write_text("7")
    monkeypatch.setenv("WORKERS", "9")
    read = Settings()
    assert (read.nats_password, read.workers) == (GOOD, 9)
    assert read.jwt_secret.get_secret_value() == "from-the-file-3f9c1d77aa42"


def test_a_file_may_be_named_for_each_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "any").write_text(f"postgresql://parley:{GOOD}@db/parley\n")
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "any"))
    assert Settings().database_url == f"postgresql://parley:{GOOD}@db/parley"


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_named_file_that_cannot_be_read_is_said_without_its_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "any").write_bytes(content)
    monkeypatch.setenv("NATS_PASSWORD_FILE", str(tmp_path / "any"))
    with pytest.raises(SettingsError, match="NATS_PASSWORD cannot be read from"):
        Settings()


def test_a_setting_given_twice_starts_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "any").write_text(GOOD)
    monkeypatch.setenv("NATS_PASSWORD_FILE", str(tmp_path / "any"))
    monkeypatch.setenv("NATS_PASSWORD", "another")
    with pytest.raises(SettingsError, match="both NATS_PASSWORD and NATS_PASSWORD_FILE"):
        Settings()


def test_production_looks_at_what_files_hold(secrets: Path) -> None:
    (secrets / "NATS_PASSWORD").write_text("development")
    with pytest.raises(ValidationError, match="NATS_PASSWORD is the one for development"):
        Settings(env="production", database_url="postgresql://parley_session@db/parley")


def test_services_of_their_own_settings_read_files_too(secrets: Path) -> None:
    """All mix in settings of libraries that know nothing of files."""
    (secrets / "OPENAI_API_KEY").write_text("a-key-of-ours")
    (secrets / "JWT_SECRET").write_text("a-secret-that-is-long-enough-0123456789")
    for entry in services.installed_services():
        package = entry.module.split(".", 1)[0]
        for each in services.settings_classes(package):
            assert any(base.__name__ == "Settings" for base in each.__mro__), each
            read = each()
            if "openai_api_key" in each.model_fields:
                assert read.openai_api_key.get_secret_value() == "a-key-of-ours"  # type: ignore[attr-defined]
