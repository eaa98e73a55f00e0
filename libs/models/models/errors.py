"""What can go wrong with a model, and what is done about each: decided here and nowhere else."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from models.usage import NOTHING, Usage

Kind = Literal[
    "unauthorized",
    "forbidden",
    "not_found",
    "rate_limited",
    "server_error",
    "connection",
    "timeout",
    "cut_off",
    "malformed",
    "refused",
    "unsupported",
    "bad_request",
]
Parameter = Literal[
    "response_format", "roles", "stream_options", "max_tokens", "temperature", "reasoning_effort", "room"
]
"""What an endpoint may not understand, and can be done without; `room` is the one for thoughts, which is too small."""

RETRY_AFTER_UNTOLD = 1.0
RETRY_AFTER_MOST = 3600.0


@dataclass(frozen=True)
class Policy:
    """`again`: one more try on the same endpoint. `counts`: three in a row put the endpoint out until a probe
    succeeds. `out`: it is out at once."""

    again: bool = False
    counts: bool = False
    out: bool = False


POLICIES: dict[Kind, Policy] = {
    "unauthorized": Policy(out=True),
    "forbidden": Policy(out=True),
    "not_found": Policy(out=True),
    "rate_limited": Policy(again=True),
    "server_error": Policy(again=True, counts=True),
    "connection": Policy(again=True, counts=True),
    "timeout": Policy(again=True, counts=True),
    "cut_off": Policy(again=True, counts=True),
    "malformed": Policy(again=True),
    "refused": Policy(),
    "unsupported": Policy(),
    "bad_request": Policy(),
}


@dataclass(frozen=True)
class Failure:
    """One attempt that gave no answer.

    `retry_after`: seconds that a rate limit asks for. `parameter`: what is not supported; `unclear`: something is not,
    and nothing says what. `problem` and `answer`:
    what the model is told when it is asked again; they are never shown or logged. `blames_endpoint` is False
    when the failure says nothing about the endpoint's health.
    """

    kind: Kind
    retry_after: float = 0.0
    parameter: Parameter | None = None
    unclear: bool = False
    problem: str = field(default="", repr=False)
    answer: str = field(default="", repr=False)
    blames_endpoint: bool = True

    @property
    def policy(self) -> Policy:
        """What is done about it."""
        return POLICIES[self.kind]


class Failed(Exception):
    """Carries a failure from the wire to where it is decided about; callers never see it."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.kind)
        self.failure = failure


class Rejected(Exception):
    """Raised by who watches an answer when it must not go on; the reason is told to the model, once."""

    def __init__(self, reason: str) -> None:
        super().__init__("the answer was rejected")
        self.reason = reason


class NoModel(Exception):
    """Every endpoint failed, or the budget was used up. `kinds` has the failures in order, `usage` what they cost."""

    def __init__(self, kinds: Sequence[Kind], usage: Usage = NOTHING) -> None:
        super().__init__(f"no model answered: {', '.join(kinds) or 'no time'}")
        self.kinds = list(kinds)
        self.usage = usage


class ModelRefused(Exception):
    """The model, or the filter before it, declined to answer: asking others would be to shop for an answer."""

    def __init__(self, usage: Usage = NOTHING) -> None:
        super().__init__("the model refused")
        self.usage = usage


_BY_STATUS: dict[int, Kind] = {
    401: "unauthorized",
    402: "forbidden",
    403: "forbidden",
    404: "not_found",
    408: "timeout",
    409: "server_error",
    429: "rate_limited",
}
_BY_WORDS: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    ("refused", ("content_filter", "content_policy", "content management policy", "moderation")),
    ("forbidden", ("insufficient_quota",)),
    ("not_found", ("model_not_found", "model not exist", "invalid model")),
    ("unauthorized", ("api key not valid", "invalid_api_key")),
    ("malformed", ("json_validate_failed",)),
    ("bad_request", ("context_length", "context length", "context size")),
)
"""Endpoints differ in their statuses more than in their words."""
_BY_PARAMETER: tuple[tuple[Parameter, tuple[str, ...]], ...] = (
    ("stream_options", ("stream_options", "include_usage")),
    (
        "response_format",
        ("response_format", "response format", "json_schema", "json_object", "structured output", "grammar"),
    ),
    ("roles", ("system role", "system message", "roles must alternate")),
    ("reasoning_effort", ("reasoning_effort", "reasoning effort")),
    ("max_tokens", ("max_tokens", "max_completion_tokens")),
    ("temperature", ("temperature",)),
)
_NOT_JSON = "It was not valid JSON."


def classify(error: Exception) -> Failure:
    """The failure that an exception of the SDK, or of the HTTP client under it, stands for."""
    # Imported here: it takes most of a second, and who has no model configured need not wait for it.
    import httpx2
    import openai

    if isinstance(error, openai.APIStatusError):
        return of_status(error.status_code, error.body, error.response.headers)
    if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException):
        return Failure("timeout")
    if isinstance(error, openai.APIConnectionError | httpx2.RequestError):
        return Failure("connection")
    # An error event inside a stream; anything else is an endpoint that does not keep to the protocol.
    return of_body(error.body) if isinstance(error, openai.APIError) else Failure("server_error")


def of_body(body: object) -> Failure:
    """The failure that an error object tells which came with no status of its own."""
    code = body.get("code") if isinstance(body, Mapping) else None
    status = int(code) if isinstance(code, int) or (isinstance(code, str) and code.isdigit()) else 0
    if "rate_limit" in _complaint(body):
        status = 429
    return of_status(status if status >= 400 else 500, body, {})


def of_status(status: int, body: object, headers: Mapping[str, str]) -> Failure:
    """The failure that an error status stands for, with the body and the headers that came with it."""
    complaint = _complaint(body)
    if status < 500:
        for kind, words in _BY_WORDS:
            if any(word in complaint for word in words):
                return Failure(kind, problem=_NOT_JSON if kind == "malformed" else "")
    if status in (400, 422):
        return _of_bad_request(body, complaint)
    if status >= 500 and "grammar" in complaint:  # the server's own, made of the schema that was sent
        return Failure("unsupported", parameter="response_format")
    kind = _BY_STATUS.get(status, "server_error" if status >= 500 else "bad_request")
    return Failure(kind, retry_after=retry_after(headers) if kind == "rate_limited" else 0.0)


def _of_bad_request(body: object, complaint: str) -> Failure:
    named = str(body.get("param") or "").lower() if isinstance(body, Mapping) else ""
    for text in (named, complaint):
        for parameter, words in _BY_PARAMETER:
            if any(word in text for word in words):
                return Failure("unsupported", parameter=parameter)
    return Failure("bad_request", unclear=True)


def _complaint(body: object) -> str:
    """The words of an error body that are the endpoint's own: some bodies also repeat what was sent."""
    if isinstance(body, str):
        return body[:2000].lower()
    if not isinstance(body, Mapping):
        return ""
    detail = body.get("detail")
    items = [item for item in detail if isinstance(item, Mapping)] if isinstance(detail, list) else []
    parts: list[Any] = [body.get(key) for key in ("param", "code", "type", "message")]
    parts += [detail] if isinstance(detail, str) else []
    parts += [item.get(key) for item in items for key in ("loc", "msg")]
    return " ".join(str(part)[:2000] for part in parts if part).lower()


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds to wait, from `retry-after-ms` or `retry-after` (a number or an HTTP date)."""
    milliseconds = _number(headers.get("retry-after-ms"))
    seconds = _number(headers.get("retry-after")) if milliseconds is None else milliseconds / 1000
    if seconds is None:
        seconds = _until_date(headers.get("retry-after"))
    return RETRY_AFTER_UNTOLD if seconds is None else min(max(seconds, 0.0), RETRY_AFTER_MOST)


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _until_date(text: str | None) -> float | None:
    try:
        return parsedate_to_datetime(text or "").timestamp() - time.time()
    except ValueError:
        return None
