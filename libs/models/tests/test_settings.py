"""Model settings: from the environment, checked, and without showing keys."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from devkit.fake_openai import OpenAIServer
from models import Models, ModelSettings
from models.settings import Fallback
from pydantic import SecretStr, ValidationError


def test_without_key_url_or_fallback_there_is_no_model() -> None:
    settings = ModelSettings()
    assert not settings.configured
    assert Models.from_settings(settings).chain("interviewer") is None


@pytest.mark.parametrize(
    "fields",
    [
        {"openai_api_key": SecretStr("k")},
        {"openai_base_url": "http://127.0.0.1:1/v1"},
        {"openai_fallbacks": [Fallback(base_url="http://127.0.0.1:1/v1")]},
    ],
)
def test_any_of_the_three_configures_it(fields: dict[str, object]) -> None:
    assert ModelSettings(**fields).configured


def test_what_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    fallbacks = [{"base_url": "https://b.example/v1/", "api_key": "sk-b", "models": {"coach": "big"}, "name": "b"}]
    monkeypatch.setenv("OPENAI_FALLBACKS", json.dumps(fallbacks))
    monkeypatch.setenv("MODEL_PRICES", '{"gpt-4o": [2.5, 10]}')
    settings = ModelSettings()
    [(name, fallback)] = settings.fallbacks()
    assert (name, fallback.base_url, fallback.models) == ("b", "https://b.example/v1", {"coach": "big"})
    assert fallback.api_key.get_secret_value() == "sk-b"
    assert settings.model_prices == {"gpt-4o": (2.5, 10.0)}


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("OPENAI_FALLBACKS", '[{"base_url": "sk-secret"', "not JSON"),
        ("OPENAI_FALLBACKS", '[{"api_key": "sk-secret"}]', "base_url"),
        ("OPENAI_FALLBACKS", '[{"base_url": "ftp://sk-secret"}]', "http"),
        ("OPENAI_FALLBACKS", '[{"base_url": "http://a", "api_key": "sk-secret", "modell": {}}]', "modell"),
        ("OPENAI_FALLBACKS", '[{"base_url": "http://a", "models": {"typist": "sk-secret"}}]', "typist"),
        ("OPENAI_FALLBACKS", '[{"base_url": "http://a", "name": "main"}]', "differ"),
        ("OPENAI_BASE_URL", "sk-secret", "http"),
        ("MODEL_PRICES", '{"gpt-4o": 2.5}', "gpt-4o"),
        ("MODEL_PRICES", '{"gpt-4o": [-1, 2]}', "negative"),
    ],
)
def test_mistakes_are_named_without_the_key(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, says: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ValidationError) as error:
        ModelSettings()
    assert says in str(error.value)
    assert variable.lower() in str(error.value) or "differ" in says
    assert "sk-secret" not in str(error.value)


async def test_who_serves_which_role() -> None:
    settings = ModelSettings(
        openai_api_key=SecretStr("k"),
        question_model="fine-tuned",
        question_base_url="http://127.0.0.1:1/v1",
        question_prompt_format="alpaca",
        openai_fallbacks=[
            Fallback(base_url="http://127.0.0.1:2/v1", models={"coach": "", "question": "writer"}),
            Fallback(base_url="http://127.0.0.1:3/v1", models={"small": "tiny"}),
        ],
    )
    models = Models.from_settings(settings)

    def served(role: str) -> list[tuple[str, str, str]]:
        chain = models.chain(role)  # type: ignore[arg-type]
        return [(one.endpoint.name, one.model, one.prompt_format) for one in chain.routes] if chain else []

    assert served("interviewer") == [(name, "gpt-4o", "chat") for name in ("main", "fallback1", "fallback2")]
    assert served("small")[2] == ("fallback2", "tiny", "chat")
    assert [name for name, *_ in served("coach")] == ["main", "fallback2"]
    assert served("question") == [("question", "fine-tuned", "alpaca"), ("fallback1", "writer", "chat")]
    await models.aclose()


async def test_the_sdks_own_variables_send_no_credentials_elsewhere(
    monkeypatch: pytest.MonkeyPatch, server: OpenAIServer
) -> None:
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer sk-secret")
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "sk-secret")
    models = Models.from_settings(ModelSettings(openai_fallbacks=[Fallback(base_url=server.url)]))
    chain = models.chain("small")
    assert chain and (await chain.text([{"role": "user", "content": "Hi."}], budget=5)).value == "Hello."
    assert "sk-secret" not in str(server.received[0].headers)
    await models.aclose()


async def test_a_key_goes_to_its_own_endpoint_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-main")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://main.example/v1")
    fallback = Fallback(base_url="https://b.example/v1")
    settings = ModelSettings(
        openai_fallbacks=[fallback], question_model="q", question_base_url="https://question.example/v1"
    )
    models = Models.from_settings(settings)
    chains = [models.chain("interviewer"), models.chain("question")]
    clients = {route.endpoint.name: route.endpoint.client for chain in chains if chain for route in chain.routes}
    assert {name: (client.api_key, client.base_url.host) for name, client in clients.items()} == {
        "main": ("sk-main", "main.example"),
        "fallback1": ("none", "b.example"),
        "question": ("none", "question.example"),
    }
    await models.aclose()


def test_the_sdk_is_imported_only_when_models_are_configured() -> None:
    code = (
        "import sys; from models import Models, ModelSettings; Models.from_settings(ModelSettings()); "
        "sys.exit('openai' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=30).returncode == 0
