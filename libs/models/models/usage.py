"""What answers cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.vocabulary import provenance

Prices = Mapping[str, tuple[float, float]]
"""US dollars per million tokens of input and of output, by model."""


@dataclass(frozen=True)
class Usage:
    """Tokens as far as endpoints told them, and their cost: None when a price or a count is not known.

    Input that an endpoint had cached counts in full, so the cost is the most that it can be.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = 0.0

    def __add__(self, other: Usage) -> Usage:
        known = self.cost_usd is not None and other.cost_usd is not None
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            (self.cost_usd or 0.0) + (other.cost_usd or 0.0) if known else None,
        )

    def recorded(self) -> provenance.Usage:
        """As messages have it."""
        return provenance.Usage(
            prompt_tokens=self.prompt_tokens, completion_tokens=self.completion_tokens, cost=self.cost_usd
        )


NOTHING = Usage()
UNTOLD = Usage(cost_usd=None)


def priced(tokens: tuple[int, int], model: str, prices: Prices) -> Usage:
    """The usage of one attempt that took (input, output) tokens."""
    price = prices.get(model)
    cost = None if price is None else (tokens[0] * price[0] + tokens[1] * price[1]) / 1_000_000
    return Usage(tokens[0], tokens[1], cost)
