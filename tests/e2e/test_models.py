"""Interviews by a model over a real socket, and what becomes of them when it fails."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from devkit.fake_openai import Hang, OpenAIServer, Reply, Status
from devkit.stack import Stack

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from evals.actor import Actor

ANSWER = (
    "In case {n} I measured the queries first, decided for a partial index, and cut the waiting time by {n}0 percent."
)


@pytest.fixture(scope="module")
def modelled(server: OpenAIServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A Parley whose engines are models."""
    env = {
        "OPENAI_BASE_URL": server.url,
        "MODEL_ATTEMPT_TIMEOUT": "1.5",  # a busy machine may take a second to answer, and is no failure
        "MODEL_PROBE_SECONDS": "0.2",
        "REPLY_BUDGET": "4",
        "COACH_BUDGET": "6",
        "MODEL_PRICES": '{"gpt-4o": [2.5, 10]}',
    }
    with Stack(tmp_path_factory.mktemp("modelled"), env) as running:
        yield running


@pytest.fixture
def model(server: OpenAIServer) -> Any:
    """The server, which works at first, and again afterwards."""
    server.default = Reply(Actor())
    yield server
    server.default = Reply(Actor())


ClientOf = Callable[[Stack], Any]


async def working_again(client: Any) -> None:
    """Until an interview begins with the model: endpoints that were out are probed every 0.2 s."""
    for _ in range(100):
        await client.begin(target_question_count=2)
        history = (await client.get("/interview/history")).body["history"]
        if not history[0]["metadata"]["degraded"]:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the model does not come back")


async def test_a_model_interviews_and_judges_and_is_named(
    modelled: Stack, client_of: ClientOf, model: OpenAIServer
) -> None:
    client = client_of(modelled)
    await working_again(client)
    introduction = (await client.get("/interview/history")).body["history"][0]
    disclosed = introduction["metadata"]["disclosed"]
    named = [{"model": "gpt-4o", "provider": "127.0.0.1"}]
    assert disclosed["interviewer"]["models"] == disclosed["coach"]["models"] == named
    assert introduction["content"].count("gpt-4o (127.0.0.1)") == 2
    for number in range(1, 4):
        said = (await client.say(ANSWER.format(n=number))).body
        assert said["metadata"]["engine"] == "llm" and said["metadata"]["model"] == "gpt-4o"
        assert said["metadata"]["prompt_version"] == "turn@4" and not said["metadata"]["degraded"]
        await client.eventually("/interview/per-turn-feedback", lambda body, given=number: len(body) == given)
    assert said["response_type"] == "closing"
    done = await client.eventually("/interview/final-summary-status", lambda body: body["status"] == "completed")
    assert done["results"]["engine"] == "llm" and done["results"]["insights"]
    items = (await client.get("/interview/per-turn-feedback")).body
    assert [item["engine"] for item in items] == ["llm"] * 3
    for item in items:
        assert item["evidence"] == "sufficient" and item["judgements"]
        assert all(quote["text"] in item["answer"] for quote in item["quotes"])
    stats = (await client.get("/interview/stats")).body["stats"]
    assert stats["total_tokens_used"] > 1000 and stats["total_cost_usd"] > 0


@pytest.mark.parametrize("behaviour", [Status(401), Status(500), Hang(), Reply("no json"), Reply("", refusal="No.")])
async def test_a_model_that_fails_in_mid_interview_degrades_the_turn_visibly(
    modelled: Stack, client_of: ClientOf, model: OpenAIServer, behaviour: Any
) -> None:
    client = client_of(modelled)
    await working_again(client)
    model.default = behaviour
    said = (await client.say(ANSWER.format(n=1))).body
    assert said["content"] and said["metadata"]["engine"] == "scripted" and said["metadata"]["degraded"]
    items = await client.eventually("/interview/per-turn-feedback", lambda body: len(body) == 1)
    assert items[0]["engine"] == "scripted" and items[0]["degraded"], "and its judgement says so too"


async def test_a_model_that_is_cut_off_is_asked_again(
    modelled: Stack, client_of: ClientOf, model: OpenAIServer
) -> None:
    client = client_of(modelled)
    await working_again(client)
    await asyncio.sleep(0.3)  # nothing of before is under way
    model.enqueue(Reply(Actor(), chunk=4, cut_after=6))
    said = (await client.say(ANSWER.format(n=1))).body
    assert said["content"] and said["metadata"]["action"]
