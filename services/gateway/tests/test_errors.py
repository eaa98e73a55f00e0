"""Every error is one sentence for a person, and says nothing of what went wrong inside."""

from __future__ import annotations

import errno
import socket
from typing import Any

import nats.errors
import pytest
from contracts.vocabulary.configuration import SessionConfig
from fastapi import FastAPI
from gateway.edge import errors
from gateway.problems import NoSuchSession, Problem
from gateway.values import sentence
from nats.js.errors import APIError
from pydantic import BaseModel, Field, ValidationError, field_validator
from runtime.errors import AskFailed, AskUnavailable
from runtime.publish import TooLarge
from sqlalchemy.exc import OperationalError

SECRET = "the candidate's own words"


def sentence_of(model: type[BaseModel], fields: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as error:
        model.model_validate(fields)
    return sentence(error.value)


def test_the_sentence_names_the_field_and_what_is_wrong() -> None:
    assert sentence_of(SessionConfig, {"target_question_count": 51}) == (
        "target_question_count: input should be less than or equal to 50."
    )


def test_it_tells_of_the_first_thing_only() -> None:
    said = sentence_of(SessionConfig, {"style": "x", "difficulty": "x"})
    assert said.startswith("style: ") and "difficulty" not in said


@pytest.mark.parametrize("fields", [{"style": SECRET}, {"job_role": [SECRET]}, {"job_description": SECRET * 1000}])
def test_it_never_repeats_what_was_sent(fields: dict[str, Any]) -> None:
    assert SECRET not in sentence_of(SessionConfig, fields)


def test_a_rule_of_our_own_reads_like_the_others() -> None:
    class Model(BaseModel):
        name: str = Field("", max_length=5)

        @field_validator("name")
        @classmethod
        def _check(cls, name: str) -> str:
            raise ValueError("Must not be a palindrome")

    assert sentence_of(Model, {"name": "anna"}) == "name: must not be a palindrome."


def test_a_missing_session_is_a_404_that_says_session() -> None:
    problem = NoSuchSession()
    assert problem.status == 404 and "session" in problem.detail


RAISED: list[tuple[Exception, int]] = [
    (Problem(409, "Not now."), 409),
    (NoSuchSession(), 404),
    (TooLarge("gateway.user_message.v1"), 413),
    (nats.errors.TimeoutError(), 503),
    (nats.errors.NoRespondersError(), 503),
    (nats.errors.ConnectionClosedError(), 503),
    (APIError(code=503, description=SECRET, err_code=10008), 503),
    (OperationalError(SECRET, {}, Exception(SECRET)), 503),
    (ConnectionResetError(SECRET), 503),
    (TimeoutError(SECRET), 503),
    (OSError(SECRET), 503),
    (OSError(errno.ENOSPC, SECRET), 503),
    (OSError(errno.EHOSTUNREACH, SECRET), 503),
    (socket.gaierror(SECRET), 503),
    (FileNotFoundError(errno.ENOENT, SECRET, SECRET), 500),
    (PermissionError(errno.EACCES, SECRET), 500),
    (AskUnavailable("unavailable"), 503),
    (AskFailed("failed"), 500),
    (AskFailed("bad_request"), 500),
    (RuntimeError(SECRET), 500),
    (KeyError(SECRET), 500),
    (AssertionError(SECRET), 500),
]


def raising(error: Exception) -> FastAPI:
    app = FastAPI()
    errors.install(app)

    @app.get("/")
    async def fail() -> None:
        raise error

    return app


@pytest.mark.parametrize(("error", "status"), RAISED, ids=[type(error).__name__ for error, _ in RAISED])
async def test_whatever_is_raised_becomes_a_sentence(call: Any, error: Exception, status: int) -> None:
    answered = await call(raising(error))
    assert answered.status == status
    assert list(answered.json) == ["detail"] and answered.json["detail"].endswith(".")
    assert SECRET not in answered.body.decode() and type(error).__name__ not in answered.body.decode()
    assert (answered.headers.get("retry-after") is not None) == (status == 503)
    assert "lost" not in answered.json["detail"], "nobody knows"


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nothing", 404), ("PUT", "/", 405)])
async def test_the_frameworks_own_errors_too(call: Any, method: str, path: str, status: int) -> None:
    answered = await call(raising(Problem(400, "Never called.")), method, path)
    assert answered.status == status
    assert answered.json["detail"] not in ("Not Found", "Method Not Allowed")
