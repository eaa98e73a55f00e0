"""Reading requests: as forgiving as the API promises, and no more."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import NAMESPACE_DNS, UUID, uuid4

import pytest
from contracts.vocabulary.configuration import SessionConfig
from gateway.dialects.agent.routes import MessageBody
from gateway.dialects.dependencies import caller, named_session, parse_session_id
from gateway.edge.bodies import read_json
from gateway.problems import NoSuchSession, Problem
from gateway.values import parse
from starlette.requests import Request


def request(body: bytes = b"", **headers: str) -> Request:
    """A request with this body."""

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": raw}, receive)


@pytest.mark.parametrize("body", [b"", b"  \r\n\t", b"null", b" null ", b"{}"])
async def test_nothing_is_no_fields(body: bytes) -> None:
    assert await read_json(request(body, content_type="of/no/kind")) == {}


async def test_null_fields_are_absent_and_others_are_there() -> None:
    body = b'{"a": null, "b": 0, "c": "", "d": false, "e": []}'
    assert await read_json(request(body)) == {"b": 0, "c": "", "d": False, "e": []}


@pytest.mark.parametrize("body", [b"{", b"nul", b"\xff", b"{'a': 1}", b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}"])
async def test_what_is_no_json_is_400(body: bytes) -> None:
    with pytest.raises(Problem, match="not valid JSON") as problem:
        await read_json(request(body))
    assert problem.value.status == 400


@pytest.mark.parametrize("body", [b"[]", b"0", b'""', b"true", b'"null"'])
async def test_what_is_no_object_is_400(body: bytes) -> None:
    with pytest.raises(Problem, match="must be a JSON object") as problem:
        await read_json(request(body))
    assert problem.value.status == 400


def test_fields_become_a_model() -> None:
    assert parse(SessionConfig, {"job_role": "Pilot", "unknown": 1}) == SessionConfig(job_role="Pilot")


def test_a_message_is_stripped() -> None:
    assert parse(MessageBody, {"message": "  Hello.\n"}).message == "Hello."


@pytest.mark.parametrize("fields", [{}, {"message": " "}, {"message": 1}, {"message": "x" * 16_001}])
def test_a_bad_value_is_400_and_named(fields: dict[str, Any]) -> None:
    with pytest.raises(Problem, match="message: ") as problem:
        parse(MessageBody, fields)
    assert problem.value.status == 400


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "\udfff"])
def test_text_that_cannot_be_stored_is_400(text: str) -> None:
    for model, name in ((MessageBody, "message"), (SessionConfig, "job_role"), (SessionConfig, "job_description")):
        with pytest.raises(Problem, match=name) as problem:
            parse(model, {name: text})
        assert problem.value.status == 400


@pytest.mark.parametrize("text", ["\\u0000", "\\ud800", "😀", "\x01\x7f", "\u2028", "ünïcödé", "\uffff"])
def test_other_text_is_taken_as_it_is(text: str) -> None:
    assert parse(MessageBody, {"message": f"a{text}b"}).message == f"a{text}b"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (r'{"domains": ["a\u0000"]}', "domains.0"),
        (r'{"unknown": "\ud800"}', "unknown"),
        (r'{"a": {"b": [{"c": "\udfff"}]}}', "a.b.0.c"),
        (r'{"a\u0000": 1}', "name of a field"),
        (r'{"a": [{"\ud83d": 1}]}', "a.0: the name of a field"),
    ],
)
async def test_text_that_cannot_be_stored_is_400_however_deep(body: str, named: str) -> None:
    with pytest.raises(Problem, match=named) as problem:
        await read_json(request(body.encode()))
    assert problem.value.status == 400


async def test_a_pair_of_surrogates_is_a_character() -> None:
    assert await read_json(request(rb'{"a": "\ud83d\ude00"}')) == {"a": "😀"}


async def test_a_body_as_deep_as_json_may_be_is_looked_through() -> None:
    assert "a" in await read_json(request(b'{"a": ' + b"[" * 900 + b"]" * 900 + b"}"))


async def key_of(address: str, key: str) -> str:
    """What tells an anonymous caller's key from another's."""
    asked = request(user_agent="Browser 1.0")
    asked.scope["client"] = (address, 1)
    asked.scope["app"] = SimpleNamespace(container=SimpleNamespace(settings=SimpleNamespace(anonymous=True)))
    return (await caller(asked, None, key)).address


@pytest.mark.parametrize("key", ["1", "create", "create-session-1", "a" * 32, str(UUID(int=1)), str(NAMESPACE_DNS)])
async def test_two_strangers_do_not_meet_by_a_key_that_both_may_think_of(key: str) -> None:
    assert await key_of("192.0.2.1", key) != await key_of("192.0.2.1", key)


async def test_a_random_key_is_the_same_callers_again() -> None:
    key = str(uuid4())
    assert await key_of("192.0.2.1", key) == await key_of("192.0.2.1", key.upper())


@pytest.mark.parametrize("value", [None, "", "garbage", "null", "0" * 31, "zz" * 16])
def test_what_can_be_no_session_is_none(value: str | None) -> None:
    with pytest.raises(NoSuchSession):
        parse_session_id(value)


def test_an_id_may_be_spelled_in_capitals() -> None:
    session_id = uuid4()
    assert parse_session_id(str(session_id).upper()) == session_id


@pytest.mark.parametrize("value", ["", " ", "null", "NULL", "undefined"])
async def test_an_empty_header_names_no_session(value: str) -> None:
    with pytest.raises(Problem) as problem:
        await named_session(value)
    assert problem.value.status == 400 and "session" not in problem.value.detail


async def test_the_header_names_the_session() -> None:
    session_id: UUID = uuid4()
    assert await named_session(f" {session_id} ") == session_id
