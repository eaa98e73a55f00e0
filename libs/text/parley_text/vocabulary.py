"""The word lists of this package, by language."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def vocabulary() -> dict[str, dict[str, Any]]:
    """What the packaged file says, by language and kind of word."""
    found: dict[str, dict[str, Any]] = yaml.load(
        files(__package__).joinpath("vocabulary.yaml").read_text(encoding="utf-8"), Loader=_LOADER
    )
    return found


def words(kind: str) -> list[str]:
    """The words of a kind in all languages."""
    return list(dict.fromkeys(str(word) for lists in vocabulary().values() for word in lists.get(kind, ())))
