"""FastAPI dependencies: who is calling.

`install(app, service)` once; then a handler's parameter `user: CurrentUser` (or `OptionalUser`) is enough.
"""

from typing import Annotated, Protocol

from fastapi import Depends, Request
from fastapi.security import OAuth2PasswordBearer
from starlette.requests import HTTPConnection

from gateway.auth.errors import InvalidToken, NotAdmin, NotAuthenticated
from gateway.auth.service import IdentityService
from gateway.auth.tickets import Tickets
from gateway.auth.user import User
from gateway.edge.operations import refuses
from gateway.values import present

__all__ = [
    "AdminUser",
    "CurrentUser",
    "OptionalUser",
    "User",
    "current_user",
    "optional_user",
    "user_of",
]

# Only for the "Authorize" button of /docs: it accepts what our rules call a bad token.
_documented = OAuth2PasswordBearer(tokenUrl="/auth/token", auto_error=False)
Documented = Annotated[str | None, Depends(_documented)]


class _Container(Protocol):
    @property
    def identity(self) -> IdentityService: ...
    @property
    def tickets(self) -> Tickets: ...


def container(connection: HTTPConnection) -> _Container:
    """The part of the application's container that accounts need."""
    found: _Container = connection.app.container
    return found


async def identity_service(request: Request) -> IdentityService:
    """The accounts."""
    return container(request).identity


Service = Annotated[IdentityService, Depends(identity_service)]


def bearer_token(header: str | None) -> str | None:
    """The token of an Authorization header; None if there is none, InvalidToken if it is not Bearer."""
    value = present(header)
    if value is None:
        return None
    scheme, _, token = value.partition(" ")
    if scheme.lower() != "bearer":
        raise InvalidToken
    return present(token)


async def user_of(service: IdentityService, token: str | None) -> User | None:
    """For sockets, whose token stands in the query: as `optional_user`, but raises InvalidToken itself."""
    token = present(token)
    return await service.authenticate(token) if token else None


@refuses(401)
async def optional_user(request: Request, service: Service, _: Documented = None) -> User | None:
    """The caller, or None without a token. A token that is present and bad is 401."""
    return await user_of(service, bearer_token(request.headers.get("authorization")))


@refuses(401)
async def current_user(user: Annotated[User | None, Depends(optional_user)]) -> User:
    """The caller; 401 without a valid token."""
    if user is None:
        raise NotAuthenticated
    return user


@refuses(401, 403)
async def admin_user(user: Annotated[User, Depends(current_user)]) -> User:
    """The caller, who has to be an admin; 403 otherwise."""
    if not user.is_admin:
        raise NotAdmin
    return user


@refuses(401)
async def current_token(request: Request, _: Documented = None) -> str:
    """The caller's access token, not yet verified; 401 without one."""
    token = bearer_token(request.headers.get("authorization"))
    if token is None:
        raise NotAuthenticated
    return token


CurrentUser = Annotated[User, Depends(current_user)]
AdminUser = Annotated[User, Depends(admin_user)]
OptionalUser = Annotated[User | None, Depends(optional_user)]
CurrentToken = Annotated[str, Depends(current_token)]
