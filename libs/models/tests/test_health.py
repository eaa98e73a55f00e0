"""Endpoints that go out, and how they come back."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from devkit.fake_openai import Hang, OpenAIServer, Reply, Status
from models import NoModel
from pydantic import BaseModel
from structlog.testing import capture_logs

ASK = [{"role": "user", "content": "What next?"}]
MISSING = Status(404)


class Move(BaseModel):
    text: str


async def test_a_key_that_is_refused_puts_the_endpoint_out_for_all_roles(
    server: OpenAIServer, second: OpenAIServer, make_models: Any
) -> None:
    server.default = Status(401)
    models = make_models(server, second)
    for role in ("interviewer", "small", "coach"):
        assert (await models.chain(role).text(ASK, budget=5)).endpoint == "b1"
    assert len(server.received) == 1


async def test_a_missing_model_says_nothing_about_the_others(
    server: OpenAIServer, second: OpenAIServer, make_models: Any
) -> None:
    server.enqueue(MISSING)
    models = make_models(server, second)
    assert (await models.chain("interviewer").text(ASK, budget=5)).endpoint == "b1"
    assert (await models.chain("small").text(ASK, budget=5)).endpoint == "main"
    assert (await models.chain("interviewer").text(ASK, budget=5)).endpoint == "b1"


async def test_three_failures_in_a_row_put_it_out(server: OpenAIServer, second: OpenAIServer, make_models: Any) -> None:
    server.default = Status(500)
    chain = make_models(server, second).chain("small")
    for _ in range(4):
        await chain.text(ASK, budget=5)
    assert len(server.received) == 3


async def test_an_answer_in_between_forgives(server: OpenAIServer, second: OpenAIServer, make_models: Any) -> None:
    chain = make_models(server, second).chain("small")
    for _ in range(3):
        server.enqueue(Status(500), Reply("Hi."))
        assert (await chain.text(ASK, budget=5)).endpoint == "main"


@pytest.mark.parametrize("models_route", [("gpt-4o",), Status(404)])
async def test_a_probe_brings_it_back(
    server: OpenAIServer, second: OpenAIServer, make_models: Any, models_route: Any
) -> None:
    server.default, server.models = Status(401), Status(401)
    models = make_models(server, second)
    chain = models.chain("small")
    await chain.text(ASK, budget=5)
    await models.probe()
    assert (await chain.text(ASK, budget=5)).endpoint == "b1"
    server.default, server.models = Reply("Back."), models_route
    with capture_logs() as logs:
        await models.probe()
    assert [entry["event"] for entry in logs] == ["model endpoint back"]
    assert (await chain.text(ASK, budget=5)).value == "Back."


async def test_the_background_task_probes(
    server: OpenAIServer, second: OpenAIServer, make_models: Any, clock: Any
) -> None:
    server.enqueue(Status(401))
    models = make_models(server, second)
    await models.chain("small").text(ASK, budget=5)
    probing = asyncio.create_task(models.probe_forever())
    async with asyncio.timeout(5):
        while not models.chain("small").routes[0].healthy:  # noqa: ASYNC110 (nothing tells)
            await asyncio.sleep(0.01)
    probing.cancel()
    assert clock.pauses[0] == 15.0
    assert (await models.chain("small").text(ASK, budget=5)).endpoint == "main"


async def test_a_listing_that_proves_nothing_is_not_believed_twice(
    server: OpenAIServer, second: OpenAIServer, make_models: Any
) -> None:
    server.default = Status(403)
    models = make_models(server, second)
    for _ in range(4):
        await models.chain("small").text(ASK, budget=5)
        await models.probe()
    asked = [one.path for one in server.received]
    assert asked.count("/models") == 1
    assert [body.get("max_tokens") for body in server.bodies()] == [None, None, 1, 1, 1]
    server.default = Reply("Hi.")
    await models.probe()
    assert (await models.chain("small").text(ASK, budget=5)).endpoint == "main"


async def test_a_hanging_probe_ends(server: OpenAIServer, second: OpenAIServer, make_models: Any) -> None:
    server.default, server.models = Status(401), Hang()
    models = make_models(server, second, attempt=0.1)
    await models.chain("small").text(ASK, budget=5)
    async with asyncio.timeout(5):
        await models.probe()
    assert (await models.chain("small").text(ASK, budget=5)).endpoint == "b1"


async def test_a_single_endpoint_recovers_without_a_probe(server: OpenAIServer, make_models: Any) -> None:
    server.default = Status(500)
    chain = make_models(server).chain("small")
    for _ in range(3):
        with pytest.raises(NoModel):
            await chain.text(ASK, budget=5)
    tries = len(server.received)
    server.default = Reply("Back.")
    assert (await chain.text(ASK, budget=5)).value == "Back."
    assert len(server.received) == tries + 1


async def test_while_one_call_tries_a_dead_endpoint_others_do_not_wait(server: OpenAIServer, make_models: Any) -> None:
    server.enqueue(Status(401), Reply("Back.", first_delay=0.3))
    chain = make_models(server).chain("small")
    with pytest.raises(NoModel):
        await chain.text(ASK, budget=5)
    trial = asyncio.create_task(chain.text(ASK, budget=5))
    await asyncio.sleep(0.05)
    with pytest.raises(NoModel) as error:
        await chain.text(ASK, budget=5)
    assert error.value.kinds == ["unauthorized"]
    assert (await trial).value == "Back."
    assert (await chain.text(ASK, budget=5)).value == "Hello."


async def test_a_caller_in_a_hurry_does_not_put_it_out(server: OpenAIServer, make_models: Any) -> None:
    server.default = Hang()
    chain = make_models(server, attempt=5).chain("small")
    for _ in range(4):
        with pytest.raises(NoModel):
            await chain.text(ASK, budget=0.1)
    assert chain.routes[0].healthy


async def test_calls_at_the_same_time_learn_from_one_another(server: OpenAIServer, make_models: Any) -> None:
    server.default = Reply('{"text": "Why?"}', rejects=frozenset({"json_schema"}))
    chain = make_models(server).chain("interviewer")
    answers = await asyncio.gather(*(chain.structured(ASK, Move, budget=5) for _ in range(20)))
    assert {answer.value.text for answer in answers} == {"Why?"}
    assert chain.routes[0].endpoint.dialects["gpt-4o"].response_format == "json_object"
