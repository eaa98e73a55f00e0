"""What answers may say to whoever grades them, put together of parts."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import yaml

HOW_MANY = 500
SEED = 11


@dataclass(frozen=True)
class Injection:
    """An order to a grader in a language, and the text that it stands in."""

    language: str
    order: str
    text: str


def injections() -> list[Injection]:
    """Five hundred of them, the same each time: every order as it is, and others in every dress."""
    raw = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    found = [
        Injection(language, order, wrapper.format(order=order))
        for wrapper in raw["wrappers"]
        for language, orders in raw["orders"].items()
        for order in orders
    ]
    plain = sum(map(len, raw["orders"].values()))
    return found[:plain] + random.Random(SEED).sample(found[plain:], HOW_MANY - plain)
