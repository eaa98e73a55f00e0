"""The account routes, to be mounted at `/auth` and `/api/v1/auth`."""

from typing import Annotated, Any

from contracts.text import storable
from fastapi import APIRouter, Header, Request, Response

from gateway.auth import fields
from gateway.auth.answers import LoginAnswer, Message, UserAnswer
from gateway.auth.deps import CurrentToken, CurrentUser, Service
from gateway.edge.bodies import read_fields
from gateway.edge.limits import CALLER
from gateway.edge.operations import dialect_router, errors

MAX_BYTES = 64 * 1024
"""Of a body: more than any account needs."""
MOST_OF_A_DEVICE = 200
Key = Annotated[str | None, Header(alias="Idempotency-Key")]


async def register(request: Request, response: Response, service: Service, key: Key = None) -> LoginAnswer:
    """Create an account and log it in."""
    response.headers["Cache-Control"] = "no-store"
    account = fields.new_account(await read_fields(request, MAX_BYTES))
    return LoginAnswer.issued(await service.register(account, fields.idempotency_key(key), _device(request)))


async def login(request: Request, response: Response, service: Service, key: Key = None) -> LoginAnswer:
    """Log in, with JSON or with an OAuth2 password form."""
    response.headers["Cache-Control"] = "no-store"
    credentials = fields.credentials(await read_fields(request, MAX_BYTES))
    address = str(request.scope.get(CALLER, ""))
    return LoginAnswer.issued(await service.login(credentials, fields.idempotency_key(key), address, _device(request)))


async def refresh(request: Request, response: Response, service: Service, key: Key = None) -> LoginAnswer:
    """Trade a refresh token for new tokens. The old one dies, and its reuse ends the login."""
    response.headers["Cache-Control"] = "no-store"
    token = fields.refresh_token(await read_fields(request, MAX_BYTES))
    return LoginAnswer.issued(await service.refresh(token, fields.idempotency_key(key)))


async def me(user: CurrentUser) -> UserAnswer:
    """Read your account."""
    return UserAnswer.of(user)


async def logout(token: CurrentToken, service: Service) -> Message:
    """Log out. The access token and every other token of the same login are revoked."""
    await service.logout(token)
    return Message(message="Successfully logged out")


def _device(request: Request) -> str:
    """What the client says it is, for the owner to recognise."""
    said = request.headers.get("user-agent", "")
    return said[:MOST_OF_A_DEVICE] if storable(said) else ""


def router() -> APIRouter:
    """The routes, without a prefix: two dialects have them, each under its own."""
    routes = dialect_router(tag="accounts")
    routes.post("/register", status_code=201, openapi_extra=_REGISTER, responses=errors(409))(register)
    routes.post("/login", openapi_extra=_LOGIN, responses=errors(401, 409))(login)
    routes.post("/token", openapi_extra=_LOGIN, name="token", responses=errors(401, 409))(login)
    routes.post("/refresh", openapi_extra=_REFRESH, responses=errors(401, 409))(refresh)
    routes.get("/me")(me)
    routes.post("/logout")(logout)
    return routes


def _documented(media_types: tuple[str, ...], required: list[str], *optional: str) -> dict[str, Any]:
    """The request body for /docs; we read bodies ourselves, since several media types mean the same."""
    properties = {name: {"type": "string"} for name in (*required, *optional)}
    schema = {"type": "object", "required": required, "properties": properties}
    return {"requestBody": {"content": {media_type: {"schema": schema} for media_type in media_types}}}


_JSON = "application/json"
_REGISTER = _documented((_JSON,), ["email", "password"], "name", "full_name")
_LOGIN = _documented(
    (_JSON, "application/x-www-form-urlencoded", "multipart/form-data"), ["password"], "email", "username"
)
_REFRESH = _documented((_JSON,), ["refresh_token"])
