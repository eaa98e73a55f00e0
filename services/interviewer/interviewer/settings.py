"""Settings of the interviewer service."""

from __future__ import annotations

from models import ModelSettings, parse_weights
from pydantic import Field, field_validator
from runtime.settings import RuntimeSettings


class InterviewerSettings(RuntimeSettings, ModelSettings):
    """The chassis, and the models, if there are any."""

    reply_budget: float = Field(
        12.0,
        gt=0,
        le=14.0,
        description="Seconds that models get for one reply, retries and fallbacks included; then the scripted engine "
        "replies. The session asks again after 15.",
    )
    interviewer_prompts: str = Field(
        "",
        description="Which versions of the interviewer's prompts are used, by weight, such as `turn:4=80,turn:5=20`; "
        "by default the latest of each.",
    )

    document_search_timeout: float = Field(
        0.15,
        gt=0,
        le=5,
        description="Seconds that a new question waits for what a search of the candidate's documents finds; then it "
        "is asked without.",
    )

    @field_validator("interviewer_prompts")
    @classmethod
    def _are_weights(cls, value: str) -> str:
        parse_weights(value)
        return value
