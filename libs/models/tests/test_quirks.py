"""Endpoints as they are: who refuses, thinks aloud, dawdles or frames its answers oddly is asked so that it answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from devkit.fake_openai import Hang, OpenAIServer, Reply, Status
from models import Chain, NoModel
from models.endpoint import Endpoint
from models.timing import Timing
from pydantic import BaseModel

ASK = [{"role": "system", "content": "You interview."}, {"role": "user", "content": "What next?"}]
SAID = "Which part of it did you build?"
THOUGHT = 'They spoke of a system. A draft: {"text": "no"}.'
Body = dict[str, Any]


class Move(BaseModel):
    text: str


class Seen:
    """What a watch was shown."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def restart(self) -> None: ...

    async def partial(self, fields: dict[str, Any]) -> None:
        self.texts.append(fields.get("text", ""))


def said(request: Body) -> str:
    wants_object = "response_format" in request or "JSON Schema" in str(request.get("messages"))
    return Move(text=SAID).model_dump_json() if wants_object else SAID


def format_of(request: Body) -> str:
    return str((request.get("response_format") or {}).get("type", "none"))


def error(message: str, **more: Any) -> Body:
    return {"error": {"message": message, "type": "invalid_request_error", **more}}


def refuses(message: str, when: Callable[[Body], bool]) -> Reply:
    return Reply(said, refuses=lambda request: error(message) if when(request) else None)


def has_system(request: Body) -> bool:
    return any(each["role"] == "system" for each in request["messages"])


async def both(chain: Chain, budget: float = 5.0, seen: Seen | None = None) -> tuple[str, str]:
    """An object and a text, as the interviewer asks for them."""
    answer = await chain.structured(ASK, Move, budget=budget, temperature=0.6, max_tokens=500, watch=seen or Seen())
    text = await chain.text(ASK, budget=budget, temperature=0.6, max_tokens=500)
    return answer.value.text, text.value


REFUSALS = {
    "grammar": refuses("Failed to parse grammar", lambda one: format_of(one) == "json_schema"),
    "guided": refuses("Guided decoding is off here.", lambda one: format_of(one) != "none"),
    "role": refuses("System role not supported", has_system),
    "role in other words": refuses("Invalid conversation.", has_system),
    "both, in no words": refuses("Bad Request", lambda one: has_system(one) or format_of(one) != "none"),
    "temperature in other words": refuses("Only the default sampling is allowed.", lambda one: "temperature" in one),
    "usage in other words": refuses("extra fields not permitted", lambda one: "stream_options" in one),
}


@pytest.mark.parametrize("reply", REFUSALS.values(), ids=REFUSALS)
async def test_who_refuses_something_is_asked_without_it_and_from_then_on(
    server: OpenAIServer, make_models: Any, reply: Reply
) -> None:
    server.default = reply
    chain = make_models(server).chain("interviewer")
    assert await both(chain) == (SAID, SAID)
    before = len(server.received)
    assert await both(chain) == (SAID, SAID)
    assert len(server.received) == before + 2, "it was remembered"
    assert all("You interview." in str(one["messages"]) for one in server.bodies())


async def test_nobody_speaks_twice_in_a_row_where_roles_have_to_alternate(
    server: OpenAIServer, make_models: Any
) -> None:
    server.default = refuses("Conversation roles must alternate user/assistant", has_system)
    await both(make_models(server).chain("interviewer"))
    [*_, (only,)] = [one["messages"] for one in server.bodies()]
    assert only["role"] == "user" and only["content"].index("You interview.") < only["content"].index("What next?")


async def test_a_grammar_that_the_server_itself_fails_at_is_done_without(
    server: OpenAIServer, make_models: Any
) -> None:
    server.enqueue(Status(500, body=error("Failed to compile grammar")))
    server.default = Reply(said)
    assert await both(make_models(server).chain("interviewer")) == (SAID, SAID)
    assert [format_of(one) for one in server.bodies()] == ["json_schema", "json_object", "none"]


async def test_a_request_that_is_wrong_in_any_form_changes_nothing_for_the_next(
    server: OpenAIServer, make_models: Any
) -> None:
    server.default = refuses("No.", lambda _: True)
    chain = make_models(server).chain("interviewer")
    with pytest.raises(NoModel) as failed:
        await both(chain)
    assert failed.value.kinds == ["bad_request"] and len(server.received) <= 4
    server.default = Reply(said)
    await both(chain)
    assert format_of(server.bodies()[-2]) == "json_schema" and has_system(server.bodies()[-1])


async def test_a_text_that_is_too_long_is_not_tried_in_other_forms(server: OpenAIServer, make_models: Any) -> None:
    body = error("This model's maximum context length is 8192 tokens.", code="context_length_exceeded")
    server.default = Reply(said, refuses=lambda _: body)
    with pytest.raises(NoModel):
        await both(make_models(server).chain("interviewer"))
    assert len(server.received) == 1


@pytest.mark.parametrize(
    "mark", ["<think>{}</think>\n", "<thinking>\n{}\n</thinking>\n", "{}\n</think>\n\n", "[THINK]{}[/THINK]"]
)
async def test_no_thought_is_ever_shown(server: OpenAIServer, make_models: Any, mark: str) -> None:
    server.default = Reply(lambda request: mark.format(THOUGHT) + said(request), chunk=3)
    chain, seen, shown = make_models(server).chain("interviewer"), Seen(), []

    async def on_text(text: str) -> None:
        shown.append(text.strip())

    assert await both(chain, seen=seen) == (SAID, SAID)
    await chain.text(ASK, budget=5.0, on_text=on_text)
    assert all(SAID.startswith(text) for text in (*seen.texts, *shown))


async def test_thoughts_do_not_count_against_the_words_that_are_wanted(server: OpenAIServer, make_models: Any) -> None:
    server.default = Reply(said, thought="hm " * 40, thinking=1500)
    chain = make_models(server).chain("interviewer")
    assert await both(chain) == (SAID, SAID)
    limits = [one["max_tokens"] for one in server.bodies()]
    assert limits == [500, 2500, 2500], "asked again once, with room, and given it from then on"
    assert [one.get("reasoning_effort") for one in server.bodies()] == [None, None, "low"]


async def test_who_refuses_an_effort_is_asked_without(server: OpenAIServer, make_models: Any) -> None:
    unknown = error("Unrecognized request argument supplied: reasoning_effort")
    server.default = Reply(
        said, thought="hm", thinking=10, refuses=lambda one: unknown if "reasoning_effort" in one else None
    )
    chain = make_models(server).chain("interviewer")
    for _ in range(3):
        assert await both(chain) == (SAID, SAID)
    assert ["reasoning_effort" in one for one in server.bodies()].count(True) == 1


async def test_an_answer_that_is_merely_too_long_is_asked_for_again_in_brief(
    server: OpenAIServer, make_models: Any
) -> None:
    server.enqueue(Reply("A text without", finish="length"))
    server.default = Reply(said)
    chain = make_models(server).chain("interviewer")
    await chain.text(ASK, budget=5.0, max_tokens=500)
    assert [one["max_tokens"] for one in server.bodies()] == [500, 500]


FRAMES = {
    "a byte order mark": Reply(said, before=b"\xef\xbb\xbf"),
    "empty events": Reply(said, before=b"data: \n\ndata:\n\n"),
    "comments and ids": Reply(said, before=b": hello\nid: 1\nevent: message\nretry: 10\n\n"),
    "plain text": Reply(said, content_type="text/plain"),
    "another character set": Reply(said, content_type="text/plain; charset=iso-8859-1"),
    "whole": Reply(said, plain=True),
    "whole, as text, with a byte order mark": Reply(
        said, plain=True, content_type="text/plain", before=b"\xef\xbb\xbf"
    ),
    "whole, as events": Reply(said, plain=True, content_type="text/event-stream"),
}


@pytest.mark.parametrize("reply", FRAMES.values(), ids=FRAMES)
async def test_the_frame_of_an_answer_does_not_matter(server: OpenAIServer, make_models: Any, reply: Reply) -> None:
    server.default = reply
    assert await both(make_models(server).chain("interviewer")) == (SAID, SAID)


async def test_lines_end_where_lines_end(server: OpenAIServer, make_models: Any) -> None:
    odd = "Gründe\u2028und\x85Folgen — 为什么?"
    server.default = Reply(odd, chunk=1)
    assert (await make_models(server).chain("interviewer").text(ASK, budget=5.0)).value == odd


async def test_a_local_model_may_take_long_to_its_first_token(server: OpenAIServer, make_models: Any) -> None:
    server.default = Reply(said, first_delay=0.6)
    assert await both(make_models(server, attempt=0.25).chain("interviewer")) == (SAID, SAID)
    assert len(server.received) == 2


async def test_who_says_that_it_is_still_waiting_is_waited_for(server: OpenAIServer, make_models: Any) -> None:
    chain = make_models(server, attempt=0.1).chain("interviewer")
    server.default = Reply(said, first_delay=0.8, stays_awake=True)
    assert await both(chain) == (SAID, SAID)
    assert len(server.received) == 2
    with pytest.raises(NoModel):
        await both(chain, budget=0.3)


async def test_local_models_are_loaded_before_anybody_waits(server: OpenAIServer, make_models: Any) -> None:
    models = make_models(server)
    await models.warm_up()
    warmed = {one["model"] for one in server.bodies()}
    assert warmed == {"gpt-4o", "gpt-4o-mini"} and all(one["max_tokens"] == 1 for one in server.bodies())
    before = len(server.received)
    await make_models(server, model_warm_up=False).warm_up()
    assert len(server.received) == before


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:1/v1", True),
        ("http://[::1]:1/v1", True),
        ("http://192.168.1.7:11434/v1", True),
        ("http://ollama:11434/v1", True),
        ("http://gpu.local/v1", True),
        ("https://api.openai.com/v1", False),
        ("https://8.8.8.8/v1", False),
    ],
)
async def test_what_is_local_is_told_by_its_address(url: str, local: bool) -> None:
    endpoint = Endpoint("main", url, "", Timing())
    assert endpoint.local is local
    await endpoint.aclose()


async def test_a_model_that_is_being_loaded_keeps_nobody_from_coming_back(
    server: OpenAIServer, make_models: Any
) -> None:
    server.default = Status(401)
    models = make_models(server)
    with pytest.raises(NoModel):
        await models.chain("interviewer").text(ASK, budget=1.0)
    server.default = Hang()
    task = asyncio.create_task(models.probe_forever())
    for _ in range(1000):
        if "/models" in [one.path for one in server.received]:
            break
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert "/models" in [one.path for one in server.received]
