"""Accounts and logins: what happens on register, login, refresh, logout and on every request."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from gateway.auth import store
from gateway.auth.cache import PrincipalCache
from gateway.auth.errors import BadCredentials, CommonPassword, EmailTaken, InvalidToken
from gateway.auth.fields import Credentials, NewAccount
from gateway.auth.guesses import Guesses
from gateway.auth.passwords import Passwords
from gateway.auth.settings import IdentitySettings
from gateway.auth.tokens import AccessClaims, Grant, Tokens
from gateway.auth.user import User
from gateway.bus.idempotency import KeyedRequest, OtherBody, keyed, request_hash

# A double click presents the same refresh token twice: within this time it is not taken for theft.
REUSE_GRACE = timedelta(seconds=10)

USE_NOTED = timedelta(minutes=5)
"""How far behind the last use of a login may be."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Issued:
    """The answer to a successful register, login or refresh."""

    user: User
    access_token: str
    refresh_token: str


class IdentityService:
    """Works on short transactions of its own; no password is hashed inside one."""

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        settings: IdentitySettings,
        passwords: Passwords | None = None,
        guesses: Guesses | None = None,
    ) -> None:
        self._sessions = sessions
        self._tokens = Tokens(settings)
        self._passwords = passwords or Passwords()
        self._guesses = guesses or Guesses(sessions, free=0)
        self._access_lifetime = timedelta(seconds=settings.access_token_ttl)
        self._refresh_lifetime = timedelta(seconds=settings.refresh_token_ttl)
        self._cache = PrincipalCache(settings.auth_cache_seconds)
        self._common_passwords = settings.common_passwords

    async def register(self, account: NewAccount, key: str | None = None, device: str = "") -> Issued:
        """Create an account and log it in. Raises CommonPassword, EmailTaken, OtherBody."""
        if account.password.casefold() in self._common_passwords:
            raise CommonPassword
        request = keyed("register", account.email, key, request_hash([account.email, account.name]))
        password_hash = await self._passwords.hash(account.password)
        async with self._sessions.begin() as session:
            user = await store.insert_user(session, account, password_hash)
            if user is not None:
                return self._issued(await self._open(session, user, request, device))
        return await self._registered_before(account, request)

    async def login(self, login: Credentials, key: str | None = None, address: str = "", device: str = "") -> Issued:
        """Check the password and open a token family. Raises BadCredentials, OtherBody, and Problem 429 for who guesses
        from an address."""
        await self._guesses.must_not_wait(login.email or "", address)
        account = await self._account(login.email)
        verdict = await self._passwords.verify(login.password, account.password_hash if account else None)
        request = keyed("login", login.email or "", key, request_hash(login.email))
        if account is None or not verdict.correct:
            await self._refuse_reuse(request)
            await self._guesses.failed(login.email or "", address)
            raise BadCredentials
        if not account.user.is_active:
            raise BadCredentials
        await self._guesses.succeeded(login.email or "", address)
        rehashed = await self._passwords.hash(login.password) if verdict.outdated else None
        async with self._sessions.begin() as session:
            if rehashed is not None:
                await store.replace_hash(session, account, rehashed)
            return self._issued(await self._open(session, account.user, request, device))

    async def refresh(self, token: str, key: str | None = None) -> Issued:
        """Trade a refresh token for the next generation. Raises InvalidToken, OtherBody."""
        family_id, generation = self._tokens.read_refresh(token)
        request = keyed("refresh", family_id.hex, key, request_hash([family_id.hex, generation]))
        async with self._sessions.begin() as session:
            issue = await self._advance(session, family_id, generation, request)
        if issue is None:  # outside the transaction, which may have revoked the family
            self._cache.clear()
            raise InvalidToken
        return self._issued(issue)

    async def authenticate(self, token: str) -> User:
        """Whose access token this is. Raises InvalidToken also when it, its login or user was revoked."""
        claims = self._tokens.read_access(token)
        user = self._cache.get(claims.jti)
        if user is None:
            user = await self._user(claims)
            self._cache.put(claims.jti, user)
        return user

    def subject(self, token: str) -> str | None:
        """Whose access token this says it is, by its signature alone; None where that is not ours. Proves nothing about
        whether it is still good."""
        try:
            return str(self._tokens.read_access(token).user_id)
        except InvalidToken:
            return None

    async def claims(self, token: str) -> AccessClaims:
        """What an access token says, for what stays open beyond the request. Raises InvalidToken as `authenticate`."""
        claims = self._tokens.read_access(token)
        await self.confirm(claims)
        return claims

    async def confirm(self, claims: AccessClaims) -> None:
        """Raises InvalidToken once the token has expired, or it, its login or its user was revoked."""
        if claims.expires_at <= datetime.now(UTC):
            raise InvalidToken
        await self._user(claims)

    async def logout(self, token: str) -> None:
        """Revoke this access token and every token of the same login. Raises InvalidToken."""
        claims = self._tokens.read_access(token)
        await self._user(claims)
        async with self._sessions.begin() as session:
            await store.revoke_token(session, claims)
            await store.revoke_family(session, claims.family_id)
        self._cache.clear()

    def clear_cache(self) -> None:
        """An account was changed: what is remembered of any may be stale."""
        self._cache.clear()

    async def purge(self) -> None:
        """Delete rows that can no longer matter; call it now and then."""
        async with self._sessions.begin() as session:
            await store.purge(session, self._access_lifetime)

    def close(self) -> None:
        """Stop the hashing threads."""
        self._passwords.close()

    async def _account(self, email: str | None) -> store.Account | None:
        if email is None:
            return None
        async with self._sessions() as session:
            return await store.account_of(session, email)

    async def _user(self, claims: AccessClaims) -> User:
        async with self._sessions() as session:
            found = await store.user_of(session, claims, USE_NOTED)
        if found is None:
            raise InvalidToken
        user, stale = found
        if stale:
            async with self._sessions.begin() as session:
                await store.touch(session, claims.family_id)
        return user

    async def _open(
        self, session: AsyncSession, user: User, request: KeyedRequest | None, device: str = ""
    ) -> store.Issue:
        """A new token family, or the one that the same keyed request opened before."""
        family_id = uuid4()
        if request is not None and not await store.record(session, request, user, family_id, generation=1):
            return await self._replay(session, user, request)
        return store.Issue(user, await store.open_family(session, family_id, user, self._refresh_lifetime, device))

    async def _replay(self, session: AsyncSession, user: User, request: KeyedRequest) -> store.Issue:
        earlier = await store.recorded(session, request)
        # An address can change hands: the key of its former owner opens nothing for the new one.
        if earlier is None or earlier.account.user.id != user.id:
            raise OtherBody
        grant = _same_body(earlier, request)
        if not earlier.revoked:
            return store.Issue(user, grant)
        # That login is over. The password was right, so this is a new one; of several at once, one opens it.
        if await store.forget(session, request, grant.family_id):
            return await self._open(session, user, request)
        return await self._replay(session, user, request)

    async def _registered_before(self, account: NewAccount, request: KeyedRequest | None) -> Issued:
        """The address is taken: by this very request, sent again, or by somebody else."""
        earlier = await self._recorded(request)
        if request is None or earlier is None:
            raise EmailTaken
        grant = _same_body(earlier, request)
        verdict = await self._passwords.verify(account.password, earlier.account.password_hash)
        if not verdict.correct:
            raise OtherBody
        if not earlier.revoked:
            return self._issued(store.Issue(earlier.account.user, grant))
        if not earlier.account.user.is_active:
            raise EmailTaken
        async with self._sessions.begin() as session:
            return self._issued(await self._replay(session, earlier.account.user, request))

    async def _refuse_reuse(self, request: KeyedRequest | None) -> None:
        """A login that fails under a key that has succeeded is another body, not a wrong password."""
        if await self._recorded(request) is not None:
            raise OtherBody

    async def _recorded(self, request: KeyedRequest | None) -> store.Recorded | None:
        if request is None:
            return None
        async with self._sessions() as session:
            return await store.recorded(session, request)

    async def _advance(
        self, session: AsyncSession, family_id: UUID, generation: int, request: KeyedRequest | None
    ) -> store.Issue | None:
        """The next generation; the same again for a repeat; None after revoking a stolen family."""
        issue = await store.rotate(session, family_id, generation, self._refresh_lifetime)
        if issue is not None:
            await self._record(session, request, issue)
            return issue
        issue = await self._repeated(session, family_id, generation, request)
        if issue is None and await store.revoke_reused(session, family_id, generation):
            _log.warning("A refresh token was used again after its rotation: its login is revoked.")
        return issue

    async def _repeated(
        self, session: AsyncSession, family_id: UUID, generation: int, request: KeyedRequest | None
    ) -> store.Issue | None:
        """What a repeat of a refresh gets: by its key at any time, without one within the grace."""
        earlier = await store.recorded(session, request) if request else None
        if request is not None and earlier is not None:
            return _replayed(earlier, request)
        family = await store.family(session, family_id, REUSE_GRACE)
        if family is None or not family.just_rotated or family.issue.grant.generation != generation + 1:
            return None
        await self._record(session, request, family.issue)
        return family.issue

    async def _record(self, session: AsyncSession, request: KeyedRequest | None, issue: store.Issue) -> None:
        """Remember the answer under its key, if there is one that has no other answer yet."""
        if request is None:
            return
        grant = issue.grant
        new = await store.record(session, request, issue.user, grant.family_id, grant.generation, grant.issued_at)
        if not new:
            earlier = await store.recorded(session, request)
            if earlier is None or earlier.body_hash != request.body_hash:
                raise OtherBody

    def _issued(self, issue: store.Issue) -> Issued:
        access_token = self._tokens.access(issue.user, issue.grant)
        return Issued(issue.user, access_token, self._tokens.refresh(issue.grant))


def _same_body(earlier: store.Recorded, request: KeyedRequest) -> Grant:
    if earlier.body_hash != request.body_hash:
        raise OtherBody
    return earlier.grant


def _replayed(earlier: store.Recorded, request: KeyedRequest) -> store.Issue | None:
    """The recorded refresh, unless its login is dead by now."""
    grant = _same_body(earlier, request)
    if earlier.revoked or not earlier.account.user.is_active:
        return None
    return store.Issue(earlier.account.user, grant)
