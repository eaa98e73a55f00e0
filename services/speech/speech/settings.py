"""Settings of the speech service."""

from __future__ import annotations

from models.settings import ModelSettings, checked_url
from pydantic import Field, SecretStr, field_validator
from runtime.objects import ObjectSettings
from runtime.settings import RuntimeSettings


class SpeechSettings(RuntimeSettings, ObjectSettings, ModelSettings):
    """The chassis, the object store, and what speaks."""

    speech_base_url: str = Field(
        "",
        description="An OpenAI-compatible endpoint that speaks (`/audio/speech`), up to and with its `/v1`. Without one"
        " OpenAI's own is used where `OPENAI_API_KEY` is set and `OPENAI_BASE_URL` is not.",
    )
    speech_api_key: SecretStr = Field(SecretStr(""), description="Key for that endpoint; a local server needs none.")
    tts_model: str = Field("tts-1", min_length=1, description="The model that speaks.")
    tts_voice: str = Field("alloy", min_length=1, description="Its voice, where a client names none that it knows.")
    tts_voices: str = Field(
        "", description="Names of the voices that the endpoint knows, comma-separated; by default those of OpenAI."
    )
    tts_languages: str = Field(
        "", description="Codes of the languages that it speaks, such as `en,de`; empty stands for any."
    )

    @field_validator("speech_base_url")
    @classmethod
    def _is_speech_url(cls, value: str) -> str:
        return checked_url(value) if value else ""

    @property
    def voice_endpoint(self) -> tuple[str, str] | None:
        """Address and key of what speaks; None where nothing does. An empty address is OpenAI's own."""
        own = self.speech_api_key.get_secret_value()
        if self.speech_base_url:
            return self.speech_base_url, own
        key = own or self.openai_api_key.get_secret_value()
        return ("", key) if key and not self.openai_base_url else None


def listed(names: str) -> tuple[str, ...]:
    """The names of a comma-separated list, in small letters."""
    return tuple(name.strip().lower() for name in names.split(",") if name.strip())
