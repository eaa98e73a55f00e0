"""Reading requests: JSON bodies as forgiving as the API promises, the session's id, the caller."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from gateway.errors import NoSuchSession, Problem, sentence
from gateway.identity.deps import OptionalUser, http_errors
from gateway.identity.fields import idempotency_key, present
from gateway.identity.idempotency import is_unguessable
from gateway.interviews import Interviews
from gateway.logins import Login, login_of
from gateway.requests import Caller
from gateway.storable import must_be_storable

Model = TypeVar("Model", bound=BaseModel)
NO_SESSION_ID = "The header that names the interview is missing."


async def read_json(request: Request) -> dict[str, Any]:
    """The fields of a JSON object. An empty body and `null` count as no fields, whatever the content type;
    a field that is null counts as absent. Raises Problem 400."""
    raw = await request.body()
    if not raw.strip():
        return {}
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise Problem(400, "The request body is not valid JSON.") from None
    if body is None:
        return {}
    if not isinstance(body, dict):
        raise Problem(400, "The request body must be a JSON object.")
    must_be_storable(body)
    return {name: value for name, value in body.items() if value is not None}


def parse(model: type[Model], fields: dict[str, Any]) -> Model:
    """The fields as a model. Raises Problem 400 with a sentence about the first thing that is wrong."""
    try:
        parsed = model.model_validate(fields)
    except ValidationError as error:
        raise Problem(400, sentence(error)) from None
    must_be_storable(dict(parsed))
    return parsed


def documented(model: type[BaseModel], *, required: bool = False) -> dict[str, Any]:
    """The request body for /docs; we read bodies ourselves."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    return {"requestBody": {"required": required, "content": {"application/json": {"schema": schema}}}}


def interviews(request: Request) -> Interviews:
    """The use cases."""
    found: Interviews = request.app.state.interviews
    return found


async def caller(request: Request, user: OptionalUser) -> Caller:
    """Who is calling. Raises Problem 401 for anonymous callers where those are turned off."""
    if user is None and not request.app.state.settings.anonymous:
        raise Problem(401, "Please log in first.", {"WWW-Authenticate": "Bearer"})
    with http_errors():
        key = idempotency_key(request.headers.get("idempotency-key"))
    return Caller(user.id if user else None, key, _whose_key(request, key))


def _whose_key(request: Request, key: str | None) -> str:
    """What tells an anonymous caller's keys from another's until there is a session, whose id does.

    People behind one proxy with the same browser are the same to us. A key that two of them may both think of must not
    lead one to the other's interview: it counts for this request alone.
    """
    if key is not None and not is_unguessable(key):
        return secrets.token_hex(16)
    client = request.client.host if request.client else ""
    return f"{client} {request.headers.get('user-agent', '')}"


async def event_listener(request: Request) -> tuple[Caller, Login]:
    """Who listens to events, by ticket or as on any route, and the login that it goes on for. Raises Problem 401."""
    login = await login_of(request)
    if login.user_id is None and not request.app.state.settings.anonymous:
        raise Problem(401, "Please log in first.", {"WWW-Authenticate": "Bearer"})
    return Caller(login.user_id), login


def parse_session_id(value: str | None) -> UUID:
    """A session's id as clients send it. What cannot be one is no session."""
    try:
        return UUID(value or "")
    except ValueError:
        raise NoSuchSession from None


def named_session(request: Request) -> UUID:
    """The session that the X-Session-ID header names. Raises Problem 400 without one."""
    value = present(request.headers.get("x-session-id"))
    if value is None:
        raise Problem(400, NO_SESSION_ID)
    return parse_session_id(value)


async def header_session(request: Request) -> AsyncIterator[UUID]:
    """The session that the header names. Once the call succeeded, so that it exists and is the caller's, its
    idle time begins anew."""
    session_id = named_session(request)
    yield session_id
    await request.app.state.activity.touch(session_id)


async def path_session(request: Request, session_id: str) -> AsyncIterator[UUID]:
    """The session that the path names; its idle time begins anew as above."""
    parsed = parse_session_id(session_id)
    yield parsed
    await request.app.state.activity.touch(parsed)


UseCases = Annotated[Interviews, Depends(interviews)]
CurrentCaller = Annotated[Caller, Depends(caller)]
HeaderSession = Annotated[UUID, Depends(header_session)]
PathSession = Annotated[UUID, Depends(path_session)]
