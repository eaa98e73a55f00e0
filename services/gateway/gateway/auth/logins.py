"""The logins behind what stays open: event streams and sockets end when theirs does."""

from __future__ import annotations

import asyncio
import time
from uuid import UUID

from starlette.requests import HTTPConnection

from gateway.auth.deps import bearer_token, container
from gateway.auth.errors import InvalidToken
from gateway.auth.service import IdentityService
from gateway.auth.tokens import AccessClaims
from gateway.edge.errors import is_unavailable
from gateway.problems import Problem
from gateway.values import present

RECHECK_SECONDS = 15.0
"""How often a login is looked at again."""
LOGIN_OVER = "Your login is over. Please log in again."
_BAD_TICKET = "The ticket is not valid or was used."
_BEARER = {"WWW-Authenticate": "Bearer"}


class Login:
    """A login as it was when something was opened. `claims` None: nobody logged in."""

    def __init__(self, identity: IdentityService | None = None, claims: AccessClaims | None = None) -> None:
        self._identity = identity
        self._claims = claims
        self._looked_at = time.monotonic()

    @property
    def user_id(self) -> UUID | None:
        """Whose it is."""
        return self._claims.user_id if self._claims else None

    async def is_over(self) -> bool:
        """Whether it ended since. It is looked at as often as `RECHECK_SECONDS` says, however often one asks."""
        if time.monotonic() - self._looked_at < RECHECK_SECONDS:
            return False
        return await self.has_ended()

    async def has_ended(self) -> bool:
        """The same, looked at now. While accounts cannot be asked, what is open stays open."""
        self._looked_at = time.monotonic()
        if self._identity is None or self._claims is None:
            return False
        try:
            await self._identity.confirm(self._claims)
        except InvalidToken:
            return True
        except Exception as error:
            if not is_unavailable(error):
                raise
        return False

    async def ended(self) -> None:
        """Wait until it has."""
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            if await self.has_ended():
                return


async def login_of(connection: HTTPConnection, *, token_in_query: bool = False) -> Login:
    """Who opens a connection: by `?ticket=`, by the Authorization header, or by `?token=` where the client is a socket,
    which cannot send one. Raises Problem 401 for one that is there and bad."""
    identity = container(connection).identity
    ticket = present(connection.query_params.get("ticket"))
    if ticket is not None:
        return Login(identity, await _redeemed(connection, identity, ticket))
    token = bearer_token(connection.headers.get("authorization"))
    if token is None and token_in_query:
        token = present(connection.query_params.get("token"))
    return Login(identity, await identity.claims(token)) if token else Login()


async def _redeemed(connection: HTTPConnection, identity: IdentityService, ticket: str) -> AccessClaims:
    claims = await container(connection).tickets.redeem(ticket)
    try:
        if claims is None:
            raise InvalidToken
        await identity.confirm(claims)
    except InvalidToken:
        raise Problem(401, _BAD_TICKET, _BEARER) from None
    return claims
