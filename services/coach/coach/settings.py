"""Settings of the coach."""

from __future__ import annotations

from models import ModelSettings
from pydantic import Field, SecretStr, field_validator
from runtime.settings import RuntimeSettings


class CoachSettings(RuntimeSettings, ModelSettings):
    """The chassis, the models, and the search, if there are any."""

    coach_budget: float = Field(
        20.0,
        gt=0,
        le=40.0,
        description="Seconds that models get for each of the two steps of a judgement, retries and fallbacks included, "
        "both together at most 50, and for a report or a better answer, at most 22; then the scripted engine judges.",
    )
    coach_runs: int = Field(
        1, ge=1, le=9, description="How often each criterion is judged; the median level counts. Odd numbers are best."
    )
    coach_prompts: str = Field(
        "", description="Versions of the coach's prompts, such as `judge:1,report:2`; by default the latest of each."
    )
    serper_api_key: SecretStr = Field(
        SecretStr(""),
        description="Key for serper.dev, which finds resources; without it they come from a curated list.",
    )
    serper_url: str = Field("https://google.serper.dev", description="Where that search answers.")

    @field_validator("coach_prompts")
    @classmethod
    def _are_versions(cls, value: str) -> str:
        parse_versions(value)
        return value


def parse_versions(text: str) -> dict[str, str]:
    """Versions by prompt, from `judge:1,report:2`. Raises ValueError."""
    found: dict[str, str] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, _, version = item.partition(":")
        if not name or not version.isdigit():
            raise ValueError(f"not a version: {item!r}; write name:version")
        found[name] = version
    return found
