"""Settings of the speech service."""

from __future__ import annotations

from local_models.settings import LocalModelSettings
from models.settings import ModelSettings, checked_url
from pydantic import Field, SecretStr, field_validator
from runtime.objects import ObjectSettings
from runtime.settings import RuntimeSettings


class SpeechSettings(RuntimeSettings, ObjectSettings, ModelSettings, LocalModelSettings):
    """The chassis, the object store, what speaks, what recognises speech, and where models for that lie."""

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

    stt_base_url: str = Field(
        "",
        description="An OpenAI-compatible endpoint that recognises speech (`/audio/transcriptions`), up to and with its"
        " `/v1`, such as a Whisper server of your own. Without one OpenAI's own is used where `OPENAI_API_KEY` is set"
        " and `OPENAI_BASE_URL` is not.",
    )
    stt_api_key: SecretStr = Field(SecretStr(""), description="Key for that endpoint; a local server needs none.")
    stt_model: str = Field("whisper-1", min_length=1, description="The model that recognises speech.")
    stt_languages: str = Field(
        "", description="Codes of the languages that it recognises, such as `en,de`; empty stands for any."
    )
    deepgram_api_key: SecretStr = Field(
        SecretStr(""), description="Key for Deepgram, which recognises speech while it is spoken, and speaks."
    )
    deepgram_base_url: str = Field("", description="A Deepgram server of your own; by default Deepgram's.")
    deepgram_stt_model: str = Field("nova-3", min_length=1, description="Deepgram's model that recognises speech.")
    deepgram_tts_model: str = Field("aura-2", min_length=1, description="Deepgram's model that speaks.")
    deepgram_tts_voice: str = Field(
        "thalia", min_length=1, description="Its voice, where a client names none that it knows."
    )
    deepgram_improves_models: bool = Field(
        False, description="Lets Deepgram keep what it hears, to improve its models. Deepgram asks a lower price then."
    )

    local_speech: bool = Field(
        True, description="Recognise and speak by the models that are installed, where no other provider does."
    )
    local_stt_model: str = Field("", description="The recogniser among those installed; empty takes the best.")
    local_tts_model: str = Field("", description="The voice among those installed; empty takes the best.")
    speech_cores: int = Field(
        0, ge=0, le=256, description="Cores that models may use at a time in one worker; 0 takes all of the machine."
    )
    recording_minutes: float = Field(10, gt=0, le=60, description="Longest recording that is understood.")
    recording_days: float = Field(
        30,
        ge=0,
        description="Days that recordings of answers are kept; 0 keeps them until they are understood. In S3 a"
        " lifecycle rule does it.",
    )
    recognition_streams: int = Field(
        0,
        ge=0,
        le=1000,
        description="Voices that one worker listens to at a time; 0 is two for each core where a model runs here, else"
        " 64.",
    )
    recognition_jobs: int = Field(
        2, ge=1, le=256, description="Recordings that one worker understands at a time: with a local model, its cores."
    )

    recognition_queue: int = Field(
        100,
        ge=0,
        description="Recordings that may wait for a worker until those that are nobody's answer are refused with 429; 0"
        " is without limit.",
    )

    @field_validator("speech_base_url", "stt_base_url", "deepgram_base_url")
    @classmethod
    def _is_speech_url(cls, value: str) -> str:
        return checked_url(value) if value else ""

    @property
    def voice_endpoint(self) -> tuple[str, str] | None:
        """Address and key of what speaks; None where nothing does. An empty address is OpenAI's own."""
        return self._endpoint(self.speech_base_url, self.speech_api_key)

    @property
    def recognition_endpoint(self) -> tuple[str, str] | None:
        """Address and key of what recognises speech by OpenAI's protocol, in the same way."""
        return self._endpoint(self.stt_base_url, self.stt_api_key)

    @property
    def has_deepgram(self) -> bool:
        """Whether Deepgram can be asked; a server of one's own may need no key."""
        return bool(self.deepgram_api_key.get_secret_value() or self.deepgram_base_url)

    def _endpoint(self, url: str, own: SecretStr) -> tuple[str, str] | None:
        if url:
            return url, own.get_secret_value()
        key = own.get_secret_value() or self.openai_api_key.get_secret_value()
        return ("", key) if key and not self.openai_base_url else None


def listed(names: str) -> tuple[str, ...]:
    """The names of a comma-separated list, in small letters."""
    return tuple(name.strip().lower() for name in names.split(",") if name.strip())
