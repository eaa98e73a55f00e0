"""The examples in the API's description are what a running Parley answers: where a value stands, a null, or nothing."""

from __future__ import annotations

import json
from typing import Any

from devkit.stack import Stack

from tools.examples import EXAMPLES, walk

ANY_NAMES = {"checks", "domains", "criteria", "domain_scores", "phases", "difficulties", "metrics"}
"""Objects whose names are not those of a model."""
EITHER = {"star", "title", "years", "seniority", "entry_index", "primary_domain", "chunk_index", "domain", "evidence"}
"""Fields that are null or not, depending on what was asked and said."""


def shape(value: Any) -> Any:
    """What is there: the names of an object, the shape of a list's first item, whether a value is null."""
    if isinstance(value, dict):
        return {
            name: "names" if name in ANY_NAMES else "either" if name in EITHER else shape(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [shape(value[0])] if value and isinstance(value[0], dict) else []
    return None if value is None else "a value"


async def test_the_examples_are_what_is_answered(stack: Stack) -> None:
    answered = await walk(stack.url)
    examples = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    assert answered.keys() == examples.keys()
    for name, example in examples.items():
        assert shape(answered[name]["response"]) == shape(example["response"]), name
