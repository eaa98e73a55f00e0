"""FastAPI dependencies: who is calling.

`install(app, service)` once; then a handler's parameter `user: CurrentUser` (or `OptionalUser`) is enough.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.security import OAuth2PasswordBearer

from .errors import IdentityError, InvalidToken, NotAuthenticated
from .fields import present
from .service import IdentityService
from .user import User

__all__ = [
    "CurrentUser",
    "OptionalUser",
    "User",
    "current_user",
    "http_errors",
    "install",
    "optional_user",
    "user_of",
]

# Only for the "Authorize" button of /docs: it accepts what our rules call a bad token.
_documented = OAuth2PasswordBearer(tokenUrl="/auth/token", auto_error=False)
Documented = Annotated[str | None, Depends(_documented)]


def install(app: FastAPI, service: IdentityService) -> None:
    """Make the service known to the dependencies below."""
    app.state.identity = service


def identity_service(request: Request) -> IdentityService:
    """The service that was installed."""
    service: IdentityService = request.app.state.identity
    return service


Service = Annotated[IdentityService, Depends(identity_service)]


@contextmanager
def http_errors() -> Iterator[None]:
    """Turn this package's errors into HTTP answers."""
    try:
        yield
    except IdentityError as error:
        headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else None
        raise HTTPException(error.status, str(error), headers) from None


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


async def optional_user(request: Request, service: Service, _: Documented = None) -> User | None:
    """The caller, or None without a token. A token that is present and bad is 401."""
    with http_errors():
        return await user_of(service, bearer_token(request.headers.get("authorization")))


async def current_user(user: Annotated[User | None, Depends(optional_user)]) -> User:
    """The caller; 401 without a valid token."""
    with http_errors():
        if user is None:
            raise NotAuthenticated
    return user


async def current_token(request: Request, _: Documented = None) -> str:
    """The caller's access token, not yet verified; 401 without one."""
    with http_errors():
        token = bearer_token(request.headers.get("authorization"))
        if token is None:
            raise NotAuthenticated
    return token


CurrentUser = Annotated[User, Depends(current_user)]
OptionalUser = Annotated[User | None, Depends(optional_user)]
CurrentToken = Annotated[str, Depends(current_token)]
