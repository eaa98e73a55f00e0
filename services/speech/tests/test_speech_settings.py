"""What is asked, and in which order, by what is configured."""

from __future__ import annotations

from typing import Any

import pytest
from models.timing import Timing
from speech.main import make_remote, make_speakers, make_transcribers
from speech.providers.deepgram import Deepgram
from speech.settings import SpeechSettings


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SpeechSettings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("given", "recognises", "speaks"),
    [
        ({}, [], []),
        ({"deepgram_api_key": "k"}, ["deepgram"], ["deepgram"]),
        ({"deepgram_base_url": "http://127.0.0.1:8080"}, ["deepgram"], ["deepgram"]),
        ({"openai_api_key": "k"}, ["recognition"], ["speech"]),
        ({"openai_api_key": "k", "openai_base_url": "http://127.0.0.1:1/v1"}, [], []),
        ({"stt_api_key": "k", "openai_base_url": "http://127.0.0.1:1/v1"}, [], []),
        ({"stt_base_url": "http://127.0.0.1:8000/v1"}, ["recognition"], []),
        ({"speech_base_url": "http://127.0.0.1:8000/v1"}, [], ["speech"]),
        ({"openai_api_key": "k", "deepgram_api_key": "k"}, ["deepgram", "recognition"], ["deepgram", "speech"]),
    ],
)
async def test_what_is_configured_is_asked_in_order(
    given: dict[str, Any], recognises: list[str], speaks: list[str]
) -> None:
    settings = SpeechSettings(**given)
    remote = make_remote(settings)
    assert [each.name for each in make_transcribers(settings, remote)] == recognises
    assert [each.name for each in make_speakers(settings, remote)] == speaks
    await remote.aclose()


async def test_models_and_languages_are_those_that_are_configured() -> None:
    settings = SpeechSettings(
        deepgram_api_key="k", deepgram_stt_model="nova-2", openai_api_key="k", stt_model="small", stt_languages="en, DE"
    )
    remote = make_remote(settings)
    deepgram, openai = make_transcribers(settings, remote)
    assert deepgram.capabilities.model == "nova-2"
    assert openai.capabilities.model == "small" and openai.capabilities.languages == {"en", "de"}
    await remote.aclose()


@pytest.mark.parametrize("name", ["stt_base_url", "deepgram_base_url"])
def test_an_address_is_checked(name: str) -> None:
    with pytest.raises(ValueError, match="base URL"):
        SpeechSettings(**{name: "localhost:8000"})


async def test_all_that_deepgram_offers_is_asked_of_the_server_that_is_configured() -> None:
    own = Deepgram("https://speech.example/v1", "k", Timing())
    environment = own.environment
    assert (environment.base, environment.agent_rest) == ("https://speech.example",) * 2
    assert (environment.production, environment.agent) == ("wss://speech.example",) * 2
    await own.aclose()
