"""Which engine said something, and what that cost."""

from __future__ import annotations

from typing import Literal

from contracts.envelope import Contract


class Usage(Contract):
    """What models used for something, failed attempts included. `cost` is in US dollars, None where a price is
    unknown."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None

    @property
    def tokens(self) -> int:
        """Both together."""
        return self.prompt_tokens + self.completion_tokens


class Provenance(Contract):
    """Which engine said something, and whether it is a fallback for a better one."""

    engine: Literal["scripted", "llm", "none"]
    model: str | None = None
    prompt_version: str | None = None
    degraded: bool = False
    usage: Usage | None = None
