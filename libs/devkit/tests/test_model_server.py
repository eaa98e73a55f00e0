"""`make up` looks for a model server, unless somebody chose models or said no, and lets itself be interrupted."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest
from devkit.embedded.process import free_port
from devkit.fake_openai import OpenAIServer, Reply
from devkit.fake_server import apart
from devkit.model_server import ADVICE, find, wanted
from models.nearby import KINDS

NOWHERE = dict.fromkeys(KINDS, 1)
ANSWER = '{"reasoning": "To see.", "text": "Which part did you write yourself?", "expects": ["the own part"]}'


@pytest.fixture
def vllm() -> Iterator[OpenAIServer]:
    """A server that lists its models as vLLM does."""
    with apart(OpenAIServer(Reply(ANSWER))) as server:
        yield server


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({}, True), ({"MODEL_SERVER": "off"}, False), ({"MODEL_SERVER": "OFF"}, False), ({"CI": "true"}, False)],
)
def test_it_is_looked_for_unless_somebody_says_no(environment: dict[str, str], expected: bool) -> None:
    assert wanted(environment) is expected


@pytest.mark.parametrize("chosen", ["OPENAI_API_KEY", "OPENAI_BASE_URL", "MODEL_PRICES"])
def test_nobody_looks_where_models_are_chosen_or_badly_so(monkeypatch: pytest.MonkeyPatch, chosen: str) -> None:
    monkeypatch.setenv(chosen, "http://127.0.0.1:1/v1")
    assert wanted({}) is False


def test_where_none_is_one_line_says_what_to_install() -> None:
    said: list[str] = []
    assert find(1, said.append, lambda: False, NOWHERE) == {}
    assert said == [ADVICE]


def test_what_is_found_is_named_and_used(vllm: OpenAIServer) -> None:
    vllm.owner = "vllm"
    said: list[str] = []
    port = int(vllm.url.rpartition(":")[2].split("/")[0])
    found = find(free_port(), said.append, lambda: False, NOWHERE | {"vLLM": port})
    assert found["OPENAI_BASE_URL"] == vllm.url and found["INTERVIEWER_MODEL"] == "gpt-4o"
    assert said[-1].startswith("gpt-4o on vLLM interviews and judges") and "MODEL_SERVER=off" in said[-1]
    assert find(port, said.append, lambda: False, NOWHERE | {"vLLM": port}) == {}, "its own port is never asked"


def test_ctrl_c_ends_the_search(vllm: OpenAIServer) -> None:
    vllm.owner = "vllm"
    vllm.default = Reply(ANSWER, first_delay=60)
    port = int(vllm.url.rpartition(":")[2].split("/")[0])
    stop = threading.Event()
    threading.Timer(1.0, stop.set).start()
    began = time.monotonic()
    assert find(free_port(), lambda _: None, stop.is_set, NOWHERE | {"vLLM": port}) == {}
    assert time.monotonic() - began < 30
    assert asyncio.run(asyncio.sleep(0, True)), "nothing of it is left running"
