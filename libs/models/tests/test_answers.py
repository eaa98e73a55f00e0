"""Answers as they should be: objects and text, from endpoints of all kinds."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Literal

import pytest
from devkit.fake_openai import OpenAIServer, Reply, Status
from models import Models, NoModel, Rejected
from pydantic import BaseModel
from structlog.testing import capture_logs

ASK = [{"role": "system", "content": "Decide."}, {"role": "user", "content": "What next?"}]


class Move(BaseModel):
    decision: Literal["follow_up", "conclude"]
    text: str
    score: int = 0


MOVE = {"decision": "follow_up", "text": "Why did you choose it? Ça m'intéresse.", "score": 4}
JSON = json.dumps(MOVE, ensure_ascii=False)


class Seen:
    """A watch that remembers, and objects to a word."""

    def __init__(self, objection: str = "") -> None:
        self.log: list[Any] = []
        self.objection = objection

    async def restart(self) -> None:
        self.log.append("restart")

    async def partial(self, fields: dict[str, Any]) -> None:
        self.log.append(fields)
        if self.objection and self.objection in fields.get("text", ""):
            raise Rejected(f"do not say {self.objection}")


async def test_an_object_comes_with_what_it_took(server: OpenAIServer, make_models: Any) -> None:
    server.default = Reply(JSON, usage=(1000, 200))
    models = make_models(server, model_prices={"gpt-4o": (2.5, 10.0)})
    answer = await models.chain("interviewer").structured(ASK, Move, budget=5, temperature=0.3, max_tokens=99)
    assert answer.value == Move(**MOVE)
    assert (answer.model, answer.endpoint, answer.fallback, answer.attempts) == ("gpt-4o", "main", False, 1)
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (1000, 200)
    assert answer.usage.cost_usd == pytest.approx(0.0025 + 0.002)
    assert answer.first_token_seconds > 0
    [body] = server.bodies()
    assert (body["temperature"], body["max_tokens"], body["stream_options"]) == (0.3, 99, {"include_usage": True})
    assert server.received[0].headers["authorization"] == "Bearer sk-main"


async def test_the_schema_is_strict_and_in_order(server: OpenAIServer, make_models: Any) -> None:
    server.default = Reply(JSON)
    await make_models(server).chain("coach").structured(ASK, Move, budget=5)
    wanted = server.bodies()[0]["response_format"]["json_schema"]
    assert wanted["strict"] is True and wanted["name"] == "Move"
    assert list(wanted["schema"]["properties"]) == wanted["schema"]["required"] == ["decision", "text", "score"]
    assert wanted["schema"]["additionalProperties"] is False
    assert "default" not in wanted["schema"]["properties"]["score"]


@pytest.mark.parametrize("chunk", [1, 3, 7, 1000])
async def test_partials_grow_and_end_complete(server: OpenAIServer, make_models: Any, chunk: int) -> None:
    server.default = Reply(JSON, chunk=chunk)
    seen = Seen()
    await make_models(server).chain("interviewer").structured(ASK, Move, budget=5, watch=seen)
    texts = [fields["text"] for fields in seen.log if "text" in fields]
    assert texts == sorted(texts, key=len) and all(texts[-1].startswith(text) for text in texts)
    assert seen.log[-1] == MOVE
    assert all(list(fields) == list(MOVE)[: len(fields)] for fields in seen.log)


async def test_a_long_answer_is_shown_to_its_end(server: OpenAIServer, make_models: Any) -> None:
    long = {**MOVE, "text": "word " * 6000}
    server.default = Reply(json.dumps(long), chunk=5)
    seen = Seen()
    patient = make_models(server, attempt=30, call=60)
    await patient.chain("interviewer").structured(ASK, Move, budget=60, watch=seen)
    assert seen.log[-1] == long
    assert len(seen.log) < 2000


async def test_what_the_watch_rejects_is_said_to_the_model_and_asked_again(
    server: OpenAIServer, make_models: Any
) -> None:
    great = json.dumps({**MOVE, "text": "Great answer! And then? " + "x" * 500})
    server.enqueue(Reply(great, chunk=4, chunk_delay=0.002))
    server.default = Reply(JSON)
    seen = Seen("Great")
    answer = await make_models(server).chain("interviewer").structured(ASK, Move, budget=5, watch=seen)
    assert answer.value.text == MOVE["text"] and answer.attempts == 2
    assert seen.log.count("restart") == 1 and seen.log.index("restart") > 0
    assert not any("And" in fields.get("text", "") for fields in seen.log if fields != "restart")
    again = server.bodies()[1]["messages"]
    assert again[:2] == ASK and again[2]["role"] == "assistant" and "do not say Great" in again[3]["content"]
    await asyncio.wait_for(server.received[0].left.wait(), 5)


async def test_what_else_the_watch_raises_goes_through(server: OpenAIServer, make_models: Any) -> None:
    class Broken(Seen):
        async def partial(self, fields: dict[str, Any]) -> None:
            raise LookupError("a bug")

    server.default = Reply(JSON)
    with pytest.raises(LookupError, match="a bug"):
        await make_models(server).chain("interviewer").structured(ASK, Move, budget=5, watch=Broken())
    assert len(server.received) == 1


async def test_a_lower_format_is_found_and_remembered(server: OpenAIServer, make_models: Any) -> None:
    server.default = Reply(
        f"Sure! Here {{it}} is:\n```json\n{JSON}\n```\nAnything else?",
        rejects=frozenset({"json_schema", "json_object"}),
    )
    chain = make_models(server).chain("interviewer")
    for _ in range(2):
        answer = await chain.structured(ASK, Move, budget=5)
        assert answer.value == Move(**MOVE) and answer.attempts == 1
    formats = [body.get("response_format", {}).get("type") for body in server.bodies()]
    assert formats == ["json_schema", "json_object", None, None]
    system = server.bodies()[-1]["messages"][0]
    assert system["content"].startswith("Decide.") and '"follow_up"' in system["content"]


async def test_a_format_is_lowered_for_its_model_alone(server: OpenAIServer, make_models: Any) -> None:
    server.enqueue(Reply(JSON, rejects=frozenset({"json_schema"})))
    server.default = Reply(JSON)
    models = make_models(server)
    await models.chain("interviewer").structured(ASK, Move, budget=5)
    await models.chain("small").structured(ASK, Move, budget=5)
    formats = [body["response_format"]["type"] for body in server.bodies()]
    assert formats == ["json_schema", "json_object", "json_schema"]


@pytest.mark.parametrize("parameter", ["stream_options", "max_tokens", "temperature"])
async def test_a_parameter_that_is_not_known_is_done_without(
    server: OpenAIServer, make_models: Any, parameter: Any
) -> None:
    server.default = Reply("Hi.", rejects=frozenset({parameter}))
    chain = make_models(server).chain("small")
    for _ in range(2):
        answer = await chain.text(ASK, budget=5, max_tokens=5, temperature=0.1)
        assert (answer.value, answer.attempts) == ("Hi.", 1)
    assert [parameter in body for body in server.bodies()] == [True, False, False]
    if parameter == "max_tokens":
        assert server.bodies()[-1]["max_completion_tokens"] == 5


@pytest.mark.parametrize("reply", [Reply(JSON, plain=True), Reply(JSON, usage=None), Reply(JSON, first_delay=0.01)])
async def test_endpoints_that_stream_nothing_or_tell_no_usage(
    server: OpenAIServer, make_models: Any, reply: Reply
) -> None:
    server.default = reply
    seen = Seen()
    models = make_models(server, model_prices={"gpt-4o": (1, 1)})
    answer = await models.chain("interviewer").structured(ASK, Move, budget=5, watch=seen)
    assert answer.value == Move(**MOVE) and seen.log[-1] == MOVE
    assert (answer.usage.cost_usd is None) == (reply.usage is None)


async def test_the_cost_of_a_model_without_a_price_is_unknown(server: OpenAIServer, make_models: Any) -> None:
    answer = await make_models(server).chain("small").text(ASK, budget=5)
    assert answer.usage.cost_usd is None and answer.usage.completion_tokens > 0


async def test_an_answer_is_not_lost_by_what_goes_wrong_after_it(server: OpenAIServer, make_models: Any) -> None:
    server.default = Reply("Hello.", hang_after=2)
    answer = await make_models(server).chain("small").text(ASK, budget=5)
    assert (answer.value, answer.attempts) == ("Hello.", 1)


async def test_text_comes_as_it_grows_and_thoughts_do_not(server: OpenAIServer, make_models: Any) -> None:
    server.default = Reply("<think>They hesitate.</think>\nTake your time.", chunk=3)
    seen: list[str] = []

    async def on_text(text: str) -> None:
        seen.append(text)

    answer = await make_models(server).chain("small").text(ASK, budget=5, on_text=on_text, stop=["END"])
    assert answer.value == "Take your time."
    assert seen == sorted(seen, key=len) and seen[-1].strip() == answer.value
    assert not any("hesitate" in text or "<" in text for text in seen)
    assert server.bodies()[0]["stop"] == ["END"]


async def test_alpaca_prompts_go_to_completions(server: OpenAIServer, make_models: Any) -> None:
    server.default = Reply(" What is a B-tree? ")
    models = make_models(server, question_model="fine-tuned", question_prompt_format="alpaca")
    answer = await models.chain("question").text(ASK, budget=5, max_tokens=40)
    assert (answer.value, answer.model, answer.usage.completion_tokens) == ("What is a B-tree?", "fine-tuned", 4)
    [body] = server.bodies("/completions")
    assert "### Instruction:\nDecide.\n\n### Input:\nWhat next?\n\n### Response:\n" in body["prompt"]
    assert body["stop"] and not server.bodies()


async def test_plain_completions_know_one_name_for_the_limit(server: OpenAIServer, make_models: Any) -> None:
    server.default = Reply("Why?", rejects=frozenset({"max_tokens", "stream_options"}))
    models = make_models(server, question_model="fine-tuned", question_prompt_format="alpaca")
    assert (await models.chain("question").text(ASK, budget=5, max_tokens=40)).value == "Why?"
    assert "max_completion_tokens" not in server.bodies("/completions")[-1]


async def test_a_complaint_about_what_was_not_sent_changes_nothing(server: OpenAIServer, make_models: Any) -> None:
    server.default = Status(400, body={"error": {"message": "temperature and response_format are odd"}})
    chain = make_models(server).chain("small")
    with pytest.raises(NoModel) as error:
        await chain.text(ASK, budget=5)
    assert error.value.kinds == ["bad_request"] and len(server.received) == 1
    server.default = Reply("Hi.")
    await chain.text(ASK, budget=5, temperature=0.1)
    assert server.bodies()[-1]["temperature"] == 0.1


async def test_a_role_that_is_off(server: OpenAIServer, make_models: Any) -> None:
    models: Models = make_models(server)
    assert models.chain("question") is None


async def test_logs_hold_no_text_and_no_address(server: OpenAIServer, make_models: Any) -> None:
    server.enqueue(Reply("a secret answer"))
    server.default = Reply(JSON)
    with capture_logs() as logs:
        await (
            make_models(server)
            .chain("interviewer")
            .structured([{"role": "user", "content": "a secret prompt"}], Move, budget=5)
        )
    assert [entry["kind"] for entry in logs] == ["malformed"]
    assert "secret" not in str(logs) and "127.0.0.1" not in str(logs) and "sk-" not in str(logs)
