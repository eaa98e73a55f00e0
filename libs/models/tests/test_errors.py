"""What is read from an endpoint's complaint."""

from __future__ import annotations

from typing import Any

import httpx2
import openai
import pytest
from models.errors import POLICIES, Failure, classify, of_body, retry_after

REQUEST = httpx2.Request("POST", "http://127.0.0.1/v1/chat/completions")


def complaint(status: int, body: Any) -> Failure:
    response = httpx2.Response(status, request=REQUEST)
    return classify(openai.APIStatusError("", response=response, body=body))


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (
            400,
            {"message": "Unsupported value: 'temperature' does not support 0.2", "param": "temperature"},
            "temperature",
        ),
        (
            400,
            {"message": "Unsupported parameter: use 'max_completion_tokens' instead.", "param": "max_tokens"},
            "max_tokens",
        ),
        (400, {"message": "This response_format type is unavailable now"}, "response_format"),
        (400, {"message": "Model does not support structured outputs", "param": None}, "response_format"),
        (
            422,
            {"detail": [{"loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted"}]},
            "stream_options",
        ),
        (422, {"detail": [{"loc": ["body", "n"], "msg": "x", "input": "my temperature"}]}, None),
        (400, "json_schema is not supported", "response_format"),
    ],
)
def test_what_is_not_supported(status: int, body: Any, kind: str | None) -> None:
    failure = complaint(status, body)
    assert failure.parameter == kind
    assert failure.kind == ("unsupported" if kind else "bad_request")


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"message": "API key not valid. Please pass a valid API key."}, "unauthorized"),
        (400, {"message": "Model Not Exist"}, "not_found"),
        (403, {"message": "Your input was flagged by moderation."}, "refused"),
        (500, {"message": "moderation is down"}, "server_error"),
        (408, None, "timeout"),
        (409, None, "server_error"),
        (418, ["?"], "bad_request"),
        (529, {"message": "Overloaded"}, "server_error"),
    ],
)
def test_what_a_complaint_stands_for(status: int, body: Any, kind: str) -> None:
    assert complaint(status, body).kind == kind


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"code": 429, "message": "Slow down."}, "rate_limited"),
        ({"code": "rate_limit_exceeded"}, "rate_limited"),
        ({"code": "502"}, "server_error"),
        ({"code": 1}, "server_error"),
        ("?", "server_error"),
        (None, "server_error"),
    ],
)
def test_an_error_inside_an_answer(body: Any, kind: str) -> None:
    assert of_body(body).kind == kind
    assert classify(openai.APIError("", REQUEST, body=body)).kind == kind


def test_what_the_client_raises() -> None:
    assert classify(openai.APITimeoutError(REQUEST)).kind == "timeout"
    assert classify(openai.APIConnectionError(request=REQUEST)).kind == "connection"
    assert classify(httpx2.ReadError("")).kind == "connection"
    assert classify(ValueError("not JSON")).kind == "server_error"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "2.5"}, 2.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "Wed, 21 Oct 2065 07:28:00 GMT"}, 3600.0),
        ({"retry-after": "nan"}, 1.0),
        ({"retry-after": "in a while"}, 1.0),
        ({}, 1.0),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], seconds: float) -> None:
    assert retry_after(headers) == seconds


def test_text_for_the_model_is_not_shown() -> None:
    failure = Failure("malformed", problem="a secret", answer="a secret")
    assert "secret" not in repr(failure)


def test_what_puts_an_endpoint_out_is_not_tried_again() -> None:
    assert not any(policy.out and (policy.again or policy.counts) for policy in POLICIES.values())
