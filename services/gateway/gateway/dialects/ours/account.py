"""Ours, on top of the dialects: one's own account and its logins."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from pydantic import BaseModel, Field

from gateway.auth.answers import Message, UserAnswer
from gateway.auth.deps import CurrentToken, CurrentUser
from gateway.auth.errors import NoSuchLogin
from gateway.auth.fields import PASSWORD_MAX, PASSWORD_MIN, new_password, profile
from gateway.dialects.dependencies import Services
from gateway.edge.bodies import documented, read_json
from gateway.edge.limits import CALLER
from gateway.edge.operations import dialect_router, errors, refuses

router = dialect_router(prefix="/api/v1/account", tag="ours: account")


class AccountBody(BaseModel):
    """What one can change of oneself."""

    name: str | None = None
    email: str | None = None


class PasswordBody(BaseModel):
    """The present password, and the one that takes its place."""

    current_password: str
    new_password: str = Field(min_length=PASSWORD_MIN, max_length=PASSWORD_MAX)


class ShownLogin(BaseModel):
    """One login: from what it was made, and when it was used last, a few minutes ago at most. `current` is the one that
    asks."""

    id: UUID
    device: str
    created_at: datetime
    last_used_at: datetime
    current: bool


class Logins(BaseModel):
    """The logins that can still be used, the newest first."""

    logins: list[ShownLogin]


@refuses(404)
async def path_login(login_id: str) -> UUID:
    """The login that the path names. What cannot be an id is none."""
    try:
        return UUID(login_id)
    except ValueError:
        raise NoSuchLogin from None


@router.get("")
async def account(user: CurrentUser) -> UserAnswer:
    """Read your account."""
    return UserAnswer.of(user)


@router.patch("", openapi_extra=documented(AccountBody), responses=errors(404))
async def change(request: Request, user: CurrentUser, services: Services) -> UserAnswer:
    """Change your name or your email address."""
    return UserAnswer.of(await services.accounts.change_profile(user.id, profile(await read_json(request))))


@router.put("/password", openapi_extra=documented(PasswordBody, required=True))
async def change_password(request: Request, user: CurrentUser, token: CurrentToken, services: Services) -> Message:
    """Change your password. All your logins but this one end."""
    wanted = new_password(await read_json(request))
    login = await services.identity.claims(token)
    await services.own_logins.change_password(user, login, wanted, str(request.scope.get(CALLER, "")))
    return Message(message="Your password was changed. Everybody else who was logged in with it has to log in again.")


@router.get("/logins")
async def logins(user: CurrentUser, token: CurrentToken, services: Services) -> Logins:
    """List the logins of your account."""
    own = await services.identity.claims(token)
    found = await services.own_logins.listed(user.id)
    return Logins(
        logins=[
            ShownLogin(
                id=each.id,
                device=each.device,
                created_at=each.created_at,
                last_used_at=each.last_used_at,
                current=each.id == own.family_id,
            )
            for each in found
        ]
    )


@router.delete("/logins/{login_id}")
async def end_login(user: CurrentUser, login_id: Annotated[UUID, Depends(path_login)], services: Services) -> Message:
    """End one login. Its tokens are good for nothing from then on."""
    await services.own_logins.end(user.id, login_id)
    return Message(message="The login was ended.")


@router.delete("/logins")
async def end_all_logins(user: CurrentUser, services: Services) -> Message:
    """End all logins of your account, this one too."""
    ended = await services.own_logins.end_all(user.id)
    return Message(message=f"{ended} logins were ended. Please log in again.")
