"""What the feedback on a turn says that was no answer, by what was heard there."""

from __future__ import annotations

import functools
from pathlib import Path

import yaml
from contracts.vocabulary.listening import Remark

_KINDLY: dict[Remark, str] = {
    "self_harm": "hard",
    "distress": "hard",
    "wants_to_stop": "stop",
    "may_want_to_stop": "stop",
}


def not_judged_because(remark: Remark, tag: str) -> str:
    """A sentence in the language of a tag; in English where there is none in it."""
    texts = _texts()
    by_kind = texts.get(tag.replace("_", "-").split("-", 1)[0].lower(), texts["en"])
    return by_kind[_KINDLY.get(remark, "other")]


@functools.cache
def _texts() -> dict[str, dict[str, str]]:
    path = Path(__file__).parent / "remarks.yaml"
    found: dict[str, dict[str, str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found
