"""The same answers with names of many origins and with other pronouns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

PRONOUNS = {
    "she": {"they": "she", "them": "her", "their": "her"},
    "he": {"they": "he", "them": "him", "their": "his"},
    "they": {"they": "they", "them": "them", "their": "their"},
}


@dataclass(frozen=True)
class Variant:
    """An answer to a question, with the origin of the name that it holds and the pronoun that goes with it."""

    place: int
    question: str
    origin: str
    pronoun: str
    text: str


def variants() -> Iterator[Variant]:
    """Every answer with every name. The question is an id of the bank, or `introduction`."""
    raw = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    for place, answer in enumerate(raw["answers"]):
        for origin, by_pronoun in raw["names"].items():
            for pronoun, names in by_pronoun.items():
                for name in names:
                    yield Variant(place, answer["question"], origin, pronoun, _filled(answer["text"], name, pronoun))


def _filled(text: str, name: str, pronoun: str) -> str:
    words = PRONOUNS[pronoun] | {"name": name}
    return text.format(**words, **{key.capitalize(): word.capitalize() for key, word in PRONOUNS[pronoun].items()})
