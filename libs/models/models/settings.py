"""Which models there are, where they answer, and how long one waits for them."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Role = Literal["interviewer", "small", "coach", "question", "documents"]
PromptFormat = Literal["chat", "alpaca"]
NO_KEY = SecretStr("")
OPENAI = "https://api.openai.com/v1"
MAIN, QUESTION = "main", "question"
"""Names of the endpoints that are not fallbacks, in logs and answers."""


class Fallback(BaseModel):
    """Another endpoint. A role that `models` leaves out is asked for by the same model name as on the first
    endpoint; one with an empty name is not asked of this endpoint."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    base_url: str
    api_key: SecretStr = NO_KEY
    models: dict[Role, str] = {}
    name: str = Field("", pattern=r"^[\w.-]{0,40}$")

    @field_validator("base_url")
    @classmethod
    def _is_url(cls, value: str) -> str:
        return checked_url(value)


class ModelSettings(BaseSettings):
    """For services that ask a language model. With no key, no base URL and no fallback there is none."""

    # The default error shows the input, and with it the keys.
    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True, hide_input_in_errors=True)

    openai_api_key: SecretStr = Field(NO_KEY, description="Key for the model endpoint; a local server needs none.")
    openai_base_url: str = Field(
        "", description="Any OpenAI-compatible endpoint, up to and with its `/v1`; by default OpenAI's own."
    )
    interviewer_model: str = Field("gpt-4o", min_length=1, description="Conducts the interview.")
    small_model: str = Field("gpt-4o-mini", min_length=1, description="Says the short things that must come at once.")
    coach_model: str = Field("gpt-4o", min_length=1, description="Judges answers and writes the report.")
    documents_model: str = Field("gpt-4o-mini", min_length=1, description="Corrects what was found in documents.")
    question_model: str = Field("", description="Writes the raw question, such as a fine-tuned model; empty for none.")
    question_base_url: str = Field("", description="Where it answers, if not where the others do.")
    question_api_key: SecretStr = Field(NO_KEY, description="Key for that endpoint.")
    question_prompt_format: PromptFormat = Field(
        "chat", description="`alpaca` for a model that was trained on Alpaca prompts: it is asked by `/completions`."
    )
    openai_fallbacks: Annotated[list[Fallback], NoDecode] = Field(
        [],
        description="Further endpoints, tried in this order: a JSON list of objects with `base_url` and, if wanted, "
        "`api_key`, `name`, and `models`, an object of model names by role (interviewer, small, coach, question, "
        "documents).",
    )
    model_prices: Annotated[dict[str, tuple[float, float]], NoDecode] = Field(
        {},
        description="US dollars per million tokens of input and of output: a JSON object such as "
        '`{"gpt-4o": [2.5, 10]}`. The cost of other models is unknown.',
    )
    model_attempt_timeout: float = Field(
        5.0,
        gt=0,
        description="Seconds that an endpoint may take to its first token, and from one to the next; "
        "to the whole answer, if it does not stream.",
    )
    model_loading_timeout: float | None = Field(
        None,
        gt=0,
        description="Seconds that a model on this machine or network may take to its first token, since it may have to"
        " be loaded first. By default four times `MODEL_ATTEMPT_TIMEOUT`.",
    )
    model_concurrency: int | None = Field(
        None,
        ge=1,
        description="Calls that an endpoint works on at once, of all services together; others wait, replies first. By"
        " default 1 on this machine or network, where a server has a slot or two, and any number elsewhere.",
    )
    model_warm_up: bool = Field(
        True, description="Has models on this machine or network loaded at the start, by asking each for one token."
    )
    model_call_timeout: float = Field(20.0, gt=0, description="Seconds that one answer may take altogether.")
    model_probe_seconds: float = Field(
        15.0, gt=0, description="Seconds between two looks at whether an endpoint that failed works again."
    )

    @field_validator("openai_base_url", "question_base_url")
    @classmethod
    def _is_url(cls, value: str) -> str:
        return checked_url(value) if value else ""

    @field_validator("openai_fallbacks", "model_prices", mode="before")
    @classmethod
    def _is_json(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        problem = ""
        try:
            return json.loads(value)
        except json.JSONDecodeError as error:
            problem = f"not JSON: {error.msg} at character {error.pos}"
        # Raised here: the decoder's own error has the whole text, keys and all.
        raise ValueError(problem)

    @field_validator("model_prices")
    @classmethod
    def _no_negative_price(cls, value: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
        if any(price < 0 for prices in value.values() for price in prices):
            raise ValueError("a price is negative")
        return value

    @model_validator(mode="after")
    def _distinct_names(self) -> Self:
        names = [MAIN, QUESTION, *(name for name, _ in self.fallbacks())]
        if len(set(names)) < len(names):
            raise ValueError(f"names of fallbacks must differ from one another, and from {MAIN!r} and {QUESTION!r}")
        return self

    @property
    def has_main(self) -> bool:
        """Whether there is a first endpoint, fallbacks aside."""
        return bool(self.openai_api_key.get_secret_value() or self.openai_base_url)

    @property
    def has_question_endpoint(self) -> bool:
        """Whether the role `question` has an endpoint of its own."""
        own = self.question_base_url or self.question_api_key.get_secret_value()
        return bool(self.question_model and own)

    @property
    def configured(self) -> bool:
        """Whether any model can be asked."""
        return self.has_main or bool(self.openai_fallbacks) or self.has_question_endpoint

    def model_of(self, role: Role) -> str:
        """The model's name on the first endpoint; empty when the role is off."""
        names: dict[Role, str] = {
            "interviewer": self.interviewer_model,
            "small": self.small_model,
            "coach": self.coach_model,
            "documents": self.documents_model,
            "question": self.question_model,
        }
        return names[role]

    def fallbacks(self) -> list[tuple[str, Fallback]]:
        """Each with the name that it goes by."""
        return [(one.name or f"fallback{number}", one) for number, one in enumerate(self.openai_fallbacks, 1)]


def checked_url(value: str) -> str:
    """The URL without a slash at its end. Raises ValueError, which does not repeat it."""
    if not value.startswith(("http://", "https://")):
        raise ValueError("a base URL starts with http:// or https://")
    return value.rstrip("/")
