"""The examples in the API's description are what a running Parley answers: where a value stands, a null, or nothing."""

from __future__ import annotations

import json

from devkit.stack import Stack

from tools.examples import EXAMPLES, shape, walk


async def test_the_examples_are_what_is_answered(stack: Stack) -> None:
    answered = await walk(stack)
    examples = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    assert answered.keys() == examples.keys()
    for name, example in examples.items():
        assert shape(answered[name]["response"]) == shape(example["response"]), name
