"""Forms that bring a file: read within limits, whatever the request says of itself."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

import pytest
from fastapi import Request
from gateway.edge import forms
from gateway.edge.forms import open_form, read_form, read_large_json
from gateway.edge.limits import CALLER
from gateway.problems import Problem
from starlette.requests import ClientDisconnect

BOUNDARY = "b0undary"


def part(name: str, value: bytes, filename: str | None = None) -> bytes:
    named = f'; filename="{filename}"' if filename is not None else ""
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode() + value + b"\r\n"


def request(*parts: bytes, more: str = "", pieces: Sequence[Any] | None = None) -> Request:
    """A form of these parts. `pieces` are the messages in their place; None in them never comes."""
    body = b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
    messages = list(pieces) if pieces is not None else [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        message = messages.pop(0)
        if message is None:
            await asyncio.Event().wait()
        return message

    content_type = f"multipart/form-data; boundary={BOUNDARY}{more}".encode()
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": b"",
        "headers": [(b"content-type", content_type)],
    }
    return Request(scope, receive)


async def status_of(asked: Request, most: int = 1000) -> int:
    with pytest.raises(Problem) as problem:
        await read_form(asked, most)
    return problem.value.status


async def test_a_file_and_the_fields_beside_it_are_read() -> None:
    form = await read_form(request(part("job_role", "Ärztin".encode()), part("file", b"%PDF", "cv ü.pdf")), 1000)
    assert (form.raw, form.filename, form.fields) == (b"%PDF", "cv ü.pdf", {"job_role": "Ärztin"})


async def test_the_only_file_may_have_another_name() -> None:
    form = await read_form(request(part("resume", b"text", "cv.txt")), 1000)
    assert (form.raw, form.filename) == (b"text", "cv.txt")


@pytest.mark.timeout(20)
async def test_a_charset_that_takes_minutes_to_decode_is_not_used() -> None:
    slow = b"a" * 800_000 + b"-" + b"a" * 800_000
    form = await read_form(request(part("x-", slow), part("file", b"f", "f"), more="; charset=punycode"), 4_000_000)
    assert form.fields["x-"] == slow.decode()


@pytest.mark.parametrize("parts", [(), (part("other", b"x"),)])
async def test_a_form_without_a_file_is_400(parts: tuple[bytes, ...]) -> None:
    assert await status_of(request(*parts)) == 400


async def test_what_is_too_large_is_413_however_it_is_sent() -> None:
    assert await status_of(request(part("file", b"x" * 1001, "f"))) == 413
    assert await status_of(request(part("file", b"x" * 1001))) == 413
    assert await status_of(request(part("other", b"x" * 50_000), part("file", b"x", "f"))) == 413
    endless = [{"type": "http.request", "body": b"x" * 1000, "more_body": True}] * 100
    assert await status_of(request(pieces=endless)) in (400, 413)


async def test_a_client_that_goes_away_is_no_error_of_ours() -> None:
    begun = {"type": "http.request", "body": part("file", b"x", "f"), "more_body": True}
    with pytest.raises(ClientDisconnect):
        await read_form(request(pieces=[begun, {"type": "http.disconnect"}]), 1000)


@pytest.mark.parametrize(
    ("field", "filename", "named"), [("a\x00", "cv.txt", "job_role"), ("Pilot", "cv\x00.txt", "file")]
)
async def test_text_that_cannot_be_stored_is_400(field: str, filename: str, named: str) -> None:
    asked = request(part("job_role", field.encode()), part("file", b"x", filename))
    with pytest.raises(Problem, match=named) as problem:
        await read_form(asked, 1000)
    assert problem.value.status == 400


async def test_one_caller_has_only_so_many_forms_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "TIMEOUT", 0.05)
    file = part("file", b"x", "f")

    def of(caller: str) -> Request:
        asked = request(file)
        asked.scope[CALLER] = caller
        return asked

    async with contextlib.AsyncExitStack() as held:
        for _ in range(forms.FORMS_OF_ONE_CALLER):
            await held.enter_async_context(open_form(of("eve"), 1000))
        assert await status_of(of("eve")) == 429
        assert (await read_form(of("ada"), 1000)).raw == b"x"
    assert (await read_form(of("eve"), 1000)).raw == b"x"
    assert forms._places == {}


async def test_further_ones_wait_for_their_turn() -> None:
    asked = [request(part("file", b"x", "f")) for _ in range(5 * forms.FORMS_OF_ONE_CALLER)]
    read = await asyncio.gather(*(read_form(each, 1000) for each in asked))
    assert [form.raw for form in read] == [b"x"] * len(asked)


async def test_a_client_that_falls_silent_holds_nothing_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "SECONDS", 0.05)
    begun = {"type": "http.request", "body": part("file", b"x", "f"), "more_body": True}
    assert await status_of(request(pieces=[begun, None])) == 408


async def test_only_so_many_forms_are_open_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "FORMS_AT_ONCE", 1)
    file = part("file", b"x", "f")
    async with open_form(request(file), 1000):
        assert await status_of(request(file)) == 503
    assert (await read_form(request(file), 1000)).raw == b"x"


def recorded(size: int | None) -> Request:
    """JSON of so many bytes, by its own account."""
    asked = request(pieces=[{"type": "http.request", "body": b'{"audio_data": "UklGRg=="}', "more_body": False}])
    asked.scope["headers"] = [] if size is None else [(b"content-length", str(size).encode())]
    return asked


@pytest.mark.parametrize("size", [26, forms.LARGE_JSON, None])
async def test_large_json_is_read_as_any_other(size: int | None) -> None:
    assert await read_large_json(recorded(size)) == {"audio_data": "UklGRg=="}
    assert forms._json_bytes == 0 and forms._places == {}


async def test_only_so_much_json_is_in_memory_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "MOST_JSON", 2 * forms.LARGE_JSON)
    with forms._room_for(2 * forms.LARGE_JSON):
        with pytest.raises(Problem) as problem:
            await read_large_json(recorded(forms.LARGE_JSON))
        assert problem.value.status == 503
        assert await read_large_json(recorded(26)), "an answer in words always has room"
    assert await read_large_json(recorded(forms.LARGE_JSON))
