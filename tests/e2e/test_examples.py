"""The examples in the API's description are what a running Parley answers: where a value stands, a null, or nothing."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from devkit.fake_openai import OpenAIServer
from devkit.stack import Stack

from tools.examples import EXAMPLES, hearing, shape, walk


def test_the_examples_are_what_is_answered(server: OpenAIServer, tmp_path: Path) -> None:
    with Stack(tmp_path, hearing(server)) as stack:
        answered = asyncio.run(walk(stack))
    examples = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    assert answered.keys() == examples.keys()
    for name, example in examples.items():
        assert shape(answered[name]["response"]) == shape(example["response"]), name
