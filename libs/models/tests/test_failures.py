"""Each way to fail: what it is called, how often it is tried, and who answers instead."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from devkit.fake_openai import Behaviour, Hang, OpenAIServer, Reply, Status
from models import ModelRefused, NoModel
from pydantic import BaseModel

ASK = [{"role": "user", "content": "What next?"}]
QUOTA = {"error": {"message": "You exceeded your quota.", "type": "insufficient_quota", "code": "insufficient_quota"}}
FILTERED = {"error": {"message": "Filtered.", "code": "content_filter", "param": "prompt"}}
TOO_LONG = {"error": {"message": "The context is too long.", "code": "context_length_exceeded", "param": "messages"}}
NO_JSON = {"error": {"message": "Failed to generate JSON.", "code": "json_validate_failed"}}
GONE = {"error": {"message": "The engine died.", "code": 502}}


class Move(BaseModel):
    text: str


GOOD = Reply('{"text": "Why?"}')


@pytest.mark.parametrize(
    ("behaviour", "kinds"),
    [
        (Status(401), ["unauthorized"]),
        (Status(402), ["forbidden"]),
        (Status(403), ["forbidden"]),
        (Status(404), ["not_found"]),
        (Status(400, body=TOO_LONG), ["bad_request"]),
        (Status(413), ["bad_request"]),
        (Status(429, body=QUOTA), ["forbidden"]),
        (Status(429, retry_after="1"), ["rate_limited", "rate_limited"]),
        (Status(429, retry_after="600"), ["rate_limited"]),
        (Status(500), ["server_error", "server_error"]),
        (Status(503, body="<html>"), ["server_error", "server_error"]),
        (Reply(GOOD.text, cut_after=0), ["connection", "connection"]),
        (Reply(GOOD.text, chunk=4, cut_after=2), ["cut_off", "cut_off"]),
        (Reply(GOOD.text, finish=""), ["cut_off", "cut_off"]),
        (Reply(GOOD.text, finish="length"), ["cut_off", "cut_off"]),
        (Reply(GOOD.text, chunk=4, bad_line_after=2), ["server_error", "server_error"]),
        (Reply("not JSON"), ["malformed", "malformed"]),
        (Reply('{"text": "cut'), ["malformed", "malformed"]),
        (Reply('{"other": 1}'), ["malformed", "malformed"]),
        (Reply(""), ["malformed", "malformed"]),
        (Status(400, body=NO_JSON), ["malformed", "malformed"]),
        (Status(200, body=GONE), ["server_error", "server_error"]),
        (Status(200, body=[1]), ["cut_off", "cut_off"]),
    ],
)
async def test_a_failure_alone(server: OpenAIServer, make_models: Any, behaviour: Behaviour, kinds: list[str]) -> None:
    server.default = behaviour
    with pytest.raises(NoModel) as error:
        await make_models(server).chain("interviewer").structured(ASK, Move, budget=10)
    assert error.value.kinds == kinds
    assert len(server.received) == len(kinds)


@pytest.mark.parametrize(
    "behaviour",
    [
        Status(401),
        Status(404),
        Status(400, body=TOO_LONG),
        Status(500),
        Reply("no"),
        Reply(GOOD.text, cut_after=1),
        Reply(GOOD.text, finish="length"),
        Status(429, retry_after="600"),
    ],
)
async def test_the_next_endpoint_answers(
    server: OpenAIServer, second: OpenAIServer, make_models: Any, behaviour: Behaviour
) -> None:
    server.default, second.default = behaviour, GOOD
    answer = await make_models(server, second).chain("interviewer").structured(ASK, Move, budget=10)
    assert answer.value.text == "Why?" and answer.endpoint == "b1" and answer.fallback
    assert answer.attempts == len(server.received) + 1


@pytest.mark.parametrize(
    "behaviour", [Status(500), Status(429, retry_after="2"), Reply("no"), Reply(GOOD.text, cut_after=1)]
)
async def test_one_more_try_is_enough(
    server: OpenAIServer, second: OpenAIServer, make_models: Any, behaviour: Behaviour
) -> None:
    server.enqueue(behaviour)
    server.default = GOOD
    answer = await make_models(server, second).chain("interviewer").structured(ASK, Move, budget=10)
    assert (answer.endpoint, answer.attempts, answer.fallback) == ("main", 2, False)
    assert not second.received


async def test_nobody_listens(server: OpenAIServer, make_models: Any) -> None:
    models = make_models(server, openai_base_url="http://127.0.0.1:9/v1")
    with pytest.raises(NoModel) as error:
        await models.chain("interviewer").text(ASK, budget=5)
    assert error.value.kinds == ["connection", "connection"]


@pytest.mark.parametrize(
    "behaviour",
    [
        Reply("", refusal="I can't help with that."),
        Reply("", refusal="No.", plain=True),
        Reply(GOOD.text, finish="content_filter"),
        Status(400, body=FILTERED),
    ],
)
async def test_a_refusal_is_taken_to_nobody_else(
    server: OpenAIServer, second: OpenAIServer, make_models: Any, behaviour: Behaviour
) -> None:
    server.default = behaviour
    with pytest.raises(ModelRefused) as error:
        await make_models(server, second).chain("interviewer").structured(ASK, Move, budget=10)
    assert len(server.received) == 1 and not second.received
    assert "can't" not in str(error.value)


async def test_a_refusal_that_breaks_off_is_one(server: OpenAIServer, make_models: Any) -> None:
    server.default = Reply("", refusal="I can't.", cut_after=1)
    with pytest.raises(ModelRefused):
        await make_models(server).chain("interviewer").structured(ASK, Move, budget=10)


async def test_the_model_is_told_what_does_not_fit(server: OpenAIServer, make_models: Any) -> None:
    server.enqueue(Reply('{"other": 1}', usage=(10, 1)))
    server.default = Reply(GOOD.text, usage=(20, 2))
    models = make_models(server, model_prices={"gpt-4o": (1e6, 1e6)})
    answer = await models.chain("interviewer").structured(ASK, Move, budget=10)
    told = server.bodies()[1]["messages"]
    assert told[1] == {"role": "assistant", "content": '{"other": 1}'}
    assert "text: Field required" in told[2]["content"]
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.cost_usd) == (30, 3, 33.0)


async def test_costs_of_all_endpoints_are_summed(server: OpenAIServer, second: OpenAIServer, make_models: Any) -> None:
    server.default, second.default = Reply("no", usage=(10, 1)), Reply(GOOD.text, usage=(100, 10))
    models = make_models(server, second, model_prices={"gpt-4o": (1e6, 1e6)})
    answer = await models.chain("interviewer").structured(ASK, Move, budget=10)
    assert (answer.usage.prompt_tokens, answer.usage.cost_usd) == (120, 132.0)


async def test_a_failed_call_tells_what_it_cost(server: OpenAIServer, make_models: Any) -> None:
    server.default = Reply("no", usage=(10, 1))
    with pytest.raises(NoModel) as error:
        await make_models(server).chain("interviewer").structured(ASK, Move, budget=10)
    assert error.value.usage.prompt_tokens == 20


async def test_exceptions_carry_no_text(server: OpenAIServer, make_models: Any) -> None:
    server.default = Reply('{"other": "a secret answer"}')
    with pytest.raises(NoModel) as error:
        await make_models(server).chain("interviewer").structured(ASK, Move, budget=10)
    assert error.value.__context__ is None and error.value.__cause__ is None
    assert "secret" not in str(error.value) + repr(vars(error.value))


@pytest.mark.parametrize(
    ("limit", "waited"),
    [
        (Status(429, retry_after="2"), 2.0),
        (Status(429, retry_after="9", retry_after_ms="1500"), 1.5),
        (Status(429), 1.0),
        (Status(429, retry_after="soon"), 1.0),
    ],
)
async def test_a_rate_limit_is_waited_out_if_that_leaves_time(
    server: OpenAIServer, make_models: Any, clock: Any, limit: Status, waited: float
) -> None:
    server.enqueue(limit)
    answer = await make_models(server).chain("small").text(ASK, budget=10)
    assert answer.attempts == 2 and clock.pauses == [waited]


async def test_a_rate_limit_until_a_date(server: OpenAIServer, make_models: Any, clock: Any) -> None:
    then = format_datetime(datetime.now(UTC) + timedelta(seconds=4), usegmt=True)
    server.enqueue(Status(429, retry_after=then))
    await make_models(server).chain("small").text(ASK, budget=20)
    assert 2 < clock.pauses[0] <= 4


async def test_a_long_rate_limit_rests_the_endpoint_for_everyone(
    server: OpenAIServer, second: OpenAIServer, make_models: Any, clock: Any
) -> None:
    server.enqueue(Status(429, retry_after="30"))
    models = make_models(server, second)
    assert (await models.chain("small").text(ASK, budget=10)).endpoint == "b1"
    assert (await models.chain("coach").text(ASK, budget=10)).endpoint == "b1"
    assert clock.pauses == [] and len(server.received) == 1
    await clock.sleep(30)
    assert (await models.chain("coach").text(ASK, budget=10)).endpoint == "main"


async def test_when_all_rest_it_waits_only_if_the_budget_allows(
    server: OpenAIServer, make_models: Any, clock: Any
) -> None:
    server.enqueue(Status(429, retry_after="30"))
    chain = make_models(server).chain("small")
    for _ in range(2):
        with pytest.raises(NoModel) as error:
            await chain.text(ASK, budget=10)
        assert error.value.kinds == ["rate_limited"]
    assert len(server.received) == 1
    answer = await chain.text(ASK, budget=100)
    assert answer.value == "Hello." and clock.pauses == [pytest.approx(30, abs=2)]


async def test_one_that_rests_is_waited_for_when_the_others_fail(
    server: OpenAIServer, second: OpenAIServer, make_models: Any, clock: Any
) -> None:
    server.enqueue(Status(429, retry_after="6"))
    chain = make_models(server, second).chain("small")
    assert (await chain.text(ASK, budget=10)).endpoint == "b1"
    second.default = Status(500)
    answer = await chain.text(ASK, budget=20)
    assert (answer.endpoint, answer.fallback, answer.attempts) == ("main", False, 3)


async def test_hanging_endpoints_take_no_more_than_the_budget(
    server: OpenAIServer, second: OpenAIServer, make_models: Any
) -> None:
    server.default, second.default = Hang(), Reply("Slow.", hang_after=0)
    async with asyncio.timeout(5):
        with pytest.raises(NoModel) as error:
            await make_models(server, second).chain("small").text(ASK, budget=0.4)
    assert error.value.kinds == ["timeout", "timeout"]


async def test_a_short_budget_is_shared_with_the_next_endpoint(
    server: OpenAIServer, second: OpenAIServer, make_models: Any
) -> None:
    server.default = Hang()
    answer = await make_models(server, second).chain("small").text(ASK, budget=1)
    assert answer.endpoint == "b1" and answer.attempts == 2


async def test_a_stall_in_an_answer_is_a_timeout(server: OpenAIServer, second: OpenAIServer, make_models: Any) -> None:
    server.default = Reply("A few words and then nothing.", chunk=4, hang_after=3)
    server.enqueue(Reply("One that shows that it does not think aloud."))
    seen: list[str] = []

    async def on_text(text: str) -> None:
        seen.append(text)

    models = make_models(server, second, attempt=0.2)
    await models.chain("small").text(ASK, budget=0.6)
    answer = await models.chain("small").text(ASK, budget=0.6, on_text=on_text)
    assert answer.endpoint == "b1" and answer.value == "Hello." and "A few" in seen[-1]


async def test_an_answer_that_never_ends_is_a_timeout(server: OpenAIServer, make_models: Any) -> None:
    server.default = Reply("word " * 1000, chunk=5, chunk_delay=0.01)
    with pytest.raises(NoModel) as error:
        await make_models(server, call=0.1).chain("small").text(ASK, budget=0.3)
    assert set(error.value.kinds) == {"timeout"}


async def test_no_budget_no_attempt(server: OpenAIServer, make_models: Any) -> None:
    with pytest.raises(NoModel, match="no time"):
        await make_models(server).chain("small").text(ASK, budget=0)
    assert not server.received


@pytest.mark.parametrize("behaviour", [Hang(), Reply("Hello you.", chunk=2, hang_after=2)])
async def test_to_cancel_closes_the_connection(server: OpenAIServer, make_models: Any, behaviour: Behaviour) -> None:
    server.default = behaviour
    asking = asyncio.create_task(make_models(server).chain("small").text(ASK, budget=30))
    while not server.received:  # noqa: ASYNC110 (the server has no event for it)
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await asyncio.wait_for(server.received[0].left.wait(), 5)
