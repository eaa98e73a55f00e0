"""What the routes of all dialects depend on: the container, the caller, the session that a request names."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Query, Request

from gateway.auth.deps import OptionalUser
from gateway.auth.errors import InvalidToken
from gateway.auth.fields import idempotency_key as checked_key
from gateway.auth.logins import Login, login_of
from gateway.bus.commands import Caller
from gateway.bus.idempotency import is_unguessable
from gateway.container import Container, container_of
from gateway.edge.limits import address_caller
from gateway.edge.operations import refuses
from gateway.problems import NoSuchSession, Problem
from gateway.usecases.configuring import Wanted
from gateway.usecases.interviews import Interviews
from gateway.usecases.queries import Queries
from gateway.values import present

NO_SESSION_ID = "The header that names the interview is missing."
_SESSION = "The id of the interview, as it was answered when it was created."
_TICKET = "A ticket in place of a token, for browsers, which cannot send a header with an event stream."
_KEY = "Makes a repeat of this request get the same answer. At most 255 characters."


KeyHeader = Annotated[str | None, Header(alias="Idempotency-Key", description=_KEY)]


# All are coroutines: FastAPI calls a plain function in a thread, which costs more than most of them do.


async def services(request: Request) -> Container:
    """The container."""
    return container_of(request)


async def interviews(request: Request) -> Interviews:
    """The use cases."""
    return container_of(request).interviews


async def queries(request: Request) -> Queries:
    """What can be read of sessions."""
    return container_of(request).queries


@refuses(401)
async def caller(request: Request, user: OptionalUser, idempotency_key: KeyHeader = None) -> Caller:
    """Who is calling. Raises Problem 401 for anonymous callers where those are turned off."""
    if user is None and not container_of(request).settings.anonymous:
        raise Problem(401, "Please log in first.", {"WWW-Authenticate": "Bearer"})
    return await uploader(request, user, idempotency_key)


async def uploader(request: Request, user: OptionalUser, idempotency_key: KeyHeader = None) -> Caller:
    """Who uploads a document: also somebody without a login where interviews need one, since there are clients that
    send no token with a file. What is uploaded so belongs to whoever holds its id."""
    key = checked_key(idempotency_key)
    return Caller(user.id if user else None, key, _whose_key(request, key), address_caller(request.scope))


async def anyone(request: Request, idempotency_key: KeyHeader = None) -> Caller:
    """Who uses speech: nobody needs a login for it, so that a token which is none any more keeps nobody from it."""
    user_id = None
    with suppress(InvalidToken):
        user_id = (await login_of(request)).user_id
    key = checked_key(idempotency_key)
    return Caller(user_id, key, _whose_key(request, key), address_caller(request.scope))


def _whose_key(request: Request, key: str | None) -> str:
    """What tells an anonymous caller's keys from another's until there is a session, whose id does.

    People behind one proxy with the same browser are the same to us. A key that two of them may both think of must not
    lead one to the other's interview: it counts for this request alone.
    """
    if key is not None and not is_unguessable(key):
        return secrets.token_hex(16)
    client = request.client.host if request.client else ""
    return f"{client} {request.headers.get('user-agent', '')}"


async def created(services: Container, caller: Caller, wanted: Wanted) -> UUID:
    """A new session, whose idle time begins now."""
    session_id = await services.interviews.create(caller, wanted)
    await services.activity.touch(session_id)
    return session_id


@refuses(401)
async def event_listener(
    request: Request, _: Annotated[str | None, Query(alias="ticket", description=_TICKET)] = None
) -> tuple[Caller, Login]:
    """Who listens to events, by ticket or as on any route, and the login that it goes on for. Raises Problem 401."""
    login = await login_of(request)
    if login.user_id is None and not container_of(request).settings.anonymous:
        raise Problem(401, "Please log in first.", {"WWW-Authenticate": "Bearer"})
    return Caller(login.user_id), login


def parse_session_id(value: str | None) -> UUID:
    """A session's id as clients send it. What cannot be one is no session."""
    try:
        return UUID(value or "")
    except ValueError:
        raise NoSuchSession from None


@refuses(404)
async def named_session(
    x_session_id: Annotated[str | None, Header(alias="X-Session-ID", description=_SESSION)] = None,
) -> UUID:
    """The session that the header names. Raises Problem 400 without one."""
    value = present(x_session_id)
    if value is None:
        raise Problem(400, NO_SESSION_ID)
    return parse_session_id(value)


NamedSession = Annotated[UUID, Depends(named_session)]


async def header_session(request: Request, session_id: NamedSession) -> AsyncIterator[UUID]:
    """The session that the header names. Once the call succeeded, so that it exists and is the caller's, its
    idle time begins anew."""
    yield session_id
    await container_of(request).activity.touch(session_id)


@refuses(404)
async def path_session(request: Request, session_id: str) -> AsyncIterator[UUID]:
    """The session that the path names; its idle time begins anew as above."""
    parsed = parse_session_id(session_id)
    yield parsed
    await container_of(request).activity.touch(parsed)


Services = Annotated[Container, Depends(services)]
Listener = Annotated[tuple[Caller, Login], Depends(event_listener)]
UseCases = Annotated[Interviews, Depends(interviews)]
Reads = Annotated[Queries, Depends(queries)]
CurrentCaller = Annotated[Caller, Depends(caller)]
Uploader = Annotated[Caller, Depends(uploader)]
Anyone = Annotated[Caller, Depends(anyone)]
HeaderSession = Annotated[UUID, Depends(header_session)]
PathSession = Annotated[UUID, Depends(path_session)]
