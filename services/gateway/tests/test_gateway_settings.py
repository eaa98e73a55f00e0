"""Defaults of development and production."""

from __future__ import annotations

import pytest
from gateway.settings import GatewaySettings
from pydantic import ValidationError

PRODUCTION = {
    "auth": 30, "upload": 20, "speech": 60, "socket": 60, "export": 6, "write": 100, "address": 200, "read": 600,
    "poll": 1200,
}  # fmt: skip


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in GatewaySettings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def of(monkeypatch: pytest.MonkeyPatch, **environment: str) -> GatewaySettings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return GatewaySettings()


def test_development_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = of(monkeypatch)
    assert not settings.production and settings.anonymous
    assert settings.origins == ["*"]
    assert set(settings.rate_limits.values()) == {0} and settings.free_attempts == 0
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)


def test_production_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = of(monkeypatch, ENV="production")
    assert settings.production and not settings.anonymous
    assert settings.origins == []
    assert settings.rate_limits == PRODUCTION and settings.free_attempts == 5


@pytest.mark.parametrize(
    ("env", "said", "served"),
    [
        ("development", "", True),
        ("production", "", False),
        ("production", "true", True),
        ("development", "false", False),
    ],
)
def test_the_api_is_documented_in_development(
    monkeypatch: pytest.MonkeyPatch, env: str, said: str, served: bool
) -> None:
    assert of(monkeypatch, ENV=env, API_DOCS=said).docs is served


def test_no_proxy_is_believed_unless_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert of(monkeypatch).forwarded_allow_ips == ""
    assert of(monkeypatch, FORWARDED_ALLOW_IPS="10.0.0.0/8, ::1").forwarded_allow_ips == "10.0.0.0/8, ::1"


@pytest.mark.parametrize("env", ["development", "production"])
@pytest.mark.parametrize(("value", "allowed"), [("true", True), ("false", False)])
def test_anonymous_use_can_be_said(monkeypatch: pytest.MonkeyPatch, env: str, value: str, allowed: bool) -> None:
    assert of(monkeypatch, ENV=env, ALLOW_ANONYMOUS=value).anonymous is allowed


@pytest.mark.parametrize("env", ["development", "production"])
def test_origins_are_listed_with_commas(monkeypatch: pytest.MonkeyPatch, env: str) -> None:
    settings = of(monkeypatch, ENV=env, ALLOWED_ORIGINS=" https://a.example , https://b.example,, ")
    assert settings.origins == ["https://a.example", "https://b.example"]


def test_limits_can_be_said_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = of(monkeypatch, ENV="production", RATE_LIMIT_AUTH="0", RATE_LIMIT_WRITE="7")
    assert settings.rate_limits == PRODUCTION | {"auth": 0, "write": 7}
    assert of(monkeypatch, ENV="development").rate_limits == dict.fromkeys(PRODUCTION, 0) | {"write": 7}


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = of(monkeypatch, ENV="production", ALLOW_ANONYMOUS="", RATE_LIMIT_READ="", ALLOWED_ORIGINS="")
    assert not settings.anonymous and settings.rate_limits["read"] == 600


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FORWARDED_ALLOW_IPS", "*"),
        ("FORWARDED_ALLOW_IPS", "proxy.example"),
        ("ENV", "prod"),
        ("REPLY_TIMEOUT", "0"),
        ("MAX_BODY_KB", "-1"),
        ("RATE_LIMIT_AUTH", "-1"),
        ("PORT", "http"),
    ],
)
def test_a_bad_value_keeps_it_from_starting(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    with pytest.raises(ValidationError, match=name.lower()):
        of(monkeypatch, **{name: value})
