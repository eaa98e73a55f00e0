"""Reading requests: as forgiving as the API promises, and no more."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from contracts.interview import SessionConfig
from gateway.errors import NoSuchSession, Problem
from gateway.http import named_session, parse, parse_session_id, read_json
from gateway.routes.agent import MessageBody
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
    assert problem.value.status_code == 400


@pytest.mark.parametrize("body", [b"[]", b"0", b'""', b"true", b'"null"'])
async def test_what_is_no_object_is_400(body: bytes) -> None:
    with pytest.raises(Problem, match="must be a JSON object") as problem:
        await read_json(request(body))
    assert problem.value.status_code == 400


def test_fields_become_a_model() -> None:
    assert parse(SessionConfig, {"job_role": "Pilot", "unknown": 1}) == SessionConfig(job_role="Pilot")


def test_a_message_is_stripped() -> None:
    assert parse(MessageBody, {"message": "  Hello.\n"}).message == "Hello."


@pytest.mark.parametrize("fields", [{}, {"message": " "}, {"message": 1}, {"message": "x" * 16_001}])
def test_a_bad_value_is_400_and_named(fields: dict[str, Any]) -> None:
    with pytest.raises(Problem, match="message: ") as problem:
        parse(MessageBody, fields)
    assert problem.value.status_code == 400


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "\udfff"])
def test_text_that_cannot_be_stored_is_400(text: str) -> None:
    for model, name in ((MessageBody, "message"), (SessionConfig, "job_role"), (SessionConfig, "job_description")):
        with pytest.raises(Problem, match=name) as problem:
            parse(model, {name: text})
        assert problem.value.status_code == 400


@pytest.mark.parametrize("text", ["\\u0000", "\\ud800", "😀", "\x01\x7f", "\u2028", "ünïcödé", "\uffff"])
def test_other_text_is_taken_as_it_is(text: str) -> None:
    assert parse(MessageBody, {"message": f"a{text}b"}).message == f"a{text}b"


def test_what_is_ignored_may_hold_anything() -> None:
    assert parse(MessageBody, {"message": "Hello.", "unknown": "\x00", "\ud800": 1}).message == "Hello."


@pytest.mark.parametrize("value", [None, "", "garbage", "null", "0" * 31, "zz" * 16])
def test_what_can_be_no_session_is_none(value: str | None) -> None:
    with pytest.raises(NoSuchSession):
        parse_session_id(value)


def test_an_id_may_be_spelled_in_capitals() -> None:
    session_id = uuid4()
    assert parse_session_id(str(session_id).upper()) == session_id


@pytest.mark.parametrize("value", ["", " ", "null", "NULL", "undefined"])
def test_an_empty_header_names_no_session(value: str) -> None:
    with pytest.raises(Problem) as problem:
        named_session(request(x_session_id=value))
    assert problem.value.status_code == 400 and "session" not in problem.value.detail


def test_the_header_names_the_session() -> None:
    session_id: UUID = uuid4()
    assert named_session(request(x_session_id=f" {session_id} ")) == session_id
