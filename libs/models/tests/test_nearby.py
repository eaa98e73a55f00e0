"""Model servers on this machine: each is told by what only it answers, and used if it can interview."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from models.nearby import KINDS, NearbyModel, NearbyServer, in_order, search, servers

OLLAMA = {
    "/api/version": {"version": "0.9.1"},
    "/api/ps": {"models": [{"name": "llama3.1:8b"}]},
    "/api/tags": {
        "models": [
            {"name": "llama3.1:8b", "details": {"family": "llama", "parameter_size": "8.0B"}},
            {"name": "smollm2:135m", "details": {"family": "llama", "parameter_size": "134.52M"}},
            {"name": "all-minilm:latest", "details": {"family": "bert", "parameter_size": "23M"}},
        ]
    },
}
LM_STUDIO = {
    "/api/v0/models": {
        "data": [
            {"id": "qwen2.5-7b-instruct", "type": "llm", "state": "not-loaded"},
            {"id": "text-embedding-nomic", "type": "embeddings", "state": "loaded"},
        ]
    }
}
LLAMA_CPP = {
    "/props": {"default_generation_settings": {}, "total_slots": 1},
    "/v1/models": {"data": [{"id": "models/mistral.gguf", "meta": {"n_params": 7_241_732_096}}]},
}
VLLM = {
    "/version": {"version": "0.11.0"},
    "/v1/models": {"data": [{"id": "meta-llama/Llama-3.1-70B-Instruct", "owned_by": "vllm"}]},
}
SOMEBODY_ELSE = {
    "/v1/models": {"data": [{"id": "gpt-4o", "owned_by": "openai"}]},
    "/version": {"version": "1"},
    "/": {},
}
ANSWER = {"reasoning": "To see the part.", "text": "Which part did you write yourself?", "expects": ["the own part"]}
Answer = Callable[[dict[str, Any]], tuple[float, str]]


def at_once(request: dict[str, Any]) -> tuple[float, str]:
    return 0.0, json.dumps(ANSWER)


class Machine:
    """Servers at free ports of this machine."""

    def __init__(self) -> None:
        self.ports = dict.fromkeys(KINDS, 1)
        self.asked: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self._runners: list[web.AppRunner] = []

    async def serve(self, name: str, pages: dict[str, Any], answer: Answer = at_once) -> int:
        async def handle(request: web.Request) -> web.StreamResponse:
            self.paths.append(f"{request.method} {request.path}")
            if request.path == "/v1/chat/completions":
                body = await request.json()
                self.asked.append(body)
                seconds, text = answer(body)
                await asyncio.sleep(seconds)
                return web.json_response({"choices": [{"message": {"content": text}, "finish_reason": "stop"}]})
            page = pages.get(request.path)
            return web.json_response(page) if page is not None else web.Response(status=404, text="<html>")

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handle)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self._runners.append(runner)
        self.ports[name] = runner.addresses[0][1]
        return self.ports[name]

    async def stop(self) -> None:
        for runner in self._runners:
            await runner.cleanup()


@pytest.fixture
async def machine() -> AsyncIterator[Machine]:
    running = Machine()
    yield running
    await running.stop()


@pytest.mark.parametrize(
    ("name", "pages", "models"),
    [
        ("Ollama", OLLAMA, [("llama3.1:8b", 8.0, True), ("smollm2:135m", 0.13452, False)]),
        ("LM Studio", LM_STUDIO, [("qwen2.5-7b-instruct", 7.0, False)]),
        ("llama.cpp", LLAMA_CPP, [("models/mistral.gguf", 7.241732096, True)]),
        ("vLLM", VLLM, [("meta-llama/Llama-3.1-70B-Instruct", 70.0, True)]),
    ],
)
async def test_each_is_recognised_with_its_models(
    machine: Machine, name: str, pages: dict[str, Any], models: list[tuple[str, float, bool]]
) -> None:
    port = await machine.serve(name, pages)
    [found] = await servers(machine.ports)
    assert (found.name, found.url) == (name, f"http://127.0.0.1:{port}/v1")
    assert [(each.name, each.billions, each.loaded) for each in found.models] == models
    assert all(path.startswith("GET ") for path in machine.paths)
    assert await servers(machine.ports, avoid={port}) == []


@pytest.mark.parametrize(
    "pages", [SOMEBODY_ELSE, {}, {"/api/tags": ["odd"], "/props": "odd", "/v1/models": {"data": "odd"}}]
)
@pytest.mark.parametrize("name", list(KINDS))
async def test_whoever_else_answers_there_is_left_alone(machine: Machine, name: str, pages: dict[str, Any]) -> None:
    await machine.serve(name, pages)
    assert await servers(machine.ports) == [] and (await search(machine.ports)).choice is None
    assert machine.asked == []


async def test_what_is_found_is_used_once_it_has_asked_a_question(machine: Machine) -> None:
    port = await machine.serve("Ollama", OLLAMA)
    said: list[str] = []
    found = await search(machine.ports, say=said.append)
    assert found.choice is not None and found.choice.seconds < 5
    assert found.choice.settings == {
        "OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1",
        **dict.fromkeys(("INTERVIEWER_MODEL", "SMALL_MODEL", "COACH_MODEL", "DOCUMENTS_MODEL"), "llama3.1:8b"),
    }
    assert said == ["trying llama3.1:8b on Ollama, which may have to be loaded first"]
    assert len({one["messages"][0]["content"] for one in machine.asked}) == 2, "the second is not the first, remembered"


async def test_what_is_too_small_too_slow_or_keeps_to_no_schema_is_passed_over(machine: Machine) -> None:
    names = ("slow:7b", "prose:6b", "silent:5b", "tiny:1b")
    tags = [{"name": name, "details": {}} for name in names]
    slow: list[int] = []

    def answer(request: dict[str, Any]) -> tuple[float, str]:
        if request["model"] == "slow:7b":
            slow.append(1)
            return (0.0 if len(slow) == 1 else 0.42), json.dumps(ANSWER)
        if request["model"] == "prose:6b":
            return 0.0, "I would rather write a poem."
        return 30.0, ""

    await machine.serve("Ollama", {"/api/version": {"version": "1"}, "/api/tags": {"models": tags}}, answer)
    found = await search(machine.ports, floor=0.3, loading=1.5)
    assert found.choice is None
    assert found.passed_over == [
        "slow:7b on Ollama took 0.4 s for a question",
        "prose:6b on Ollama did not keep to a schema",
        "silent:5b on Ollama did not answer in time",
        "tiny:1b on Ollama is too small to interview",
    ]


def test_the_best_to_try_is_loaded_or_as_large_as_is_comfortable() -> None:
    here = NearbyServer("Ollama", 1, tuple(NearbyModel(f"{size}b", size) for size in (70.0, 3.0, 14.0, 8.0)))
    there = NearbyServer("vLLM", 2, (NearbyModel("loaded", 4.0, loaded=True), NearbyModel("unknown")))
    assert [model.name for _, model in in_order([here, there])] == [
        "loaded",
        "14.0b",
        "8.0b",
        "3.0b",
        "unknown",
        "70.0b",
    ]
