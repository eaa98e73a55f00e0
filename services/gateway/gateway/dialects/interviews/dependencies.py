"""What the routes of the interviews API depend on: the interview that a number names, or that a token opens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from gateway.auth.deps import CurrentUser, OptionalUser
from gateway.auth.fields import idempotency_key as checked_key
from gateway.auth.user import User
from gateway.bus.commands import Caller
from gateway.container import Container, container_of
from gateway.dialects.dependencies import CurrentCaller, KeyHeader
from gateway.edge.operations import refuses
from gateway.problems import NoSuchSession


@dataclass(frozen=True)
class OpenInterview:
    """An interview, who acts in it, and the token that opens it."""

    caller: Caller
    session_id: UUID
    token: str


@refuses(401, 404)
async def path_interview(
    request: Request, user: CurrentUser, caller: CurrentCaller, interview_id: str
) -> AsyncIterator[UUID]:
    """The interview that the path names, by its number or the session's own id; its idle time begins anew."""
    services = container_of(request)
    session_id = await services.numbered.find(caller, interview_id)
    yield session_id
    await services.activity.touch(session_id)


async def opened(services: Container, token: str, user: User | None, key: str | None) -> OpenInterview:
    """The interview that a token opens. Who logged in has to be its owner. Raises NoSuchSession."""
    found = await services.session_tokens.opened(token)
    if user is not None and user.id != found.user_id:
        raise NoSuchSession
    return OpenInterview(Caller(found.user_id, checked_key(key)), found.session_id, token)


@refuses(401, 404)
async def path_token(
    request: Request, user: OptionalUser, session_token: str, key: KeyHeader = None
) -> AsyncIterator[OpenInterview]:
    """The interview that the token in the path opens."""
    services = container_of(request)
    found = await opened(services, session_token, user, key)
    yield found
    await services.activity.touch(found.session_id)


PathInterview = Annotated[UUID, Depends(path_interview)]
PathToken = Annotated[OpenInterview, Depends(path_token)]
