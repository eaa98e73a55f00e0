"""What somebody does about their own logins: look at them, end them, change the password."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from gateway.auth import store
from gateway.auth.errors import CommonPassword, NoSuchLogin, WrongPassword
from gateway.auth.fields import NewPassword
from gateway.auth.guesses import Guesses
from gateway.auth.passwords import Passwords
from gateway.auth.tokens import AccessClaims
from gateway.auth.user import User


class OwnLogins:
    """Reads and ends logins. `changed` is called after each change: whoever remembers accounts looks again."""

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        passwords: Passwords,
        guesses: Guesses,
        common_passwords: frozenset[str],
        changed: Callable[[], None],
    ) -> None:
        self._sessions = sessions
        self._passwords = passwords
        self._guesses = guesses
        self._common_passwords = common_passwords
        self._changed = changed

    async def listed(self, user_id: UUID) -> list[store.LoginRow]:
        """Those that can still be used, the newest first."""
        async with self._sessions() as session:
            return await store.logins(session, user_id)

    async def end(self, user_id: UUID, login_id: UUID) -> None:
        """End one. Raises NoSuchLogin."""
        async with self._sessions.begin() as session:
            ended = await store.revoke_logins(session, user_id, only=login_id)
        self._changed()
        if not ended:
            raise NoSuchLogin

    async def end_all(self, user_id: UUID) -> int:
        """End all of them; how many there were."""
        async with self._sessions.begin() as session:
            ended = await store.revoke_logins(session, user_id)
        self._changed()
        return ended

    async def change_password(self, user: User, login: AccessClaims, passwords: NewPassword, address: str) -> None:
        """Another password; all logins but the one that asks for it end.

        Raises WrongPassword, CommonPassword, and Problem 429 for who guesses the present one.
        """
        if passwords.wanted.casefold() in self._common_passwords:
            raise CommonPassword
        await self._guesses.must_not_wait(user.email, address)
        async with self._sessions() as session:
            account = await store.account_of(session, user.email)
        verdict = await self._passwords.verify(passwords.present, account.password_hash if account else None)
        if account is None or not verdict.correct:
            await self._guesses.failed(user.email, address)
            raise WrongPassword
        password_hash = await self._passwords.hash(passwords.wanted)
        async with self._sessions.begin() as session:
            if not await store.replace_hash(session, account, password_hash):
                raise WrongPassword  # another change came first, and this one was made of the password before it
            await store.revoke_logins(session, user.id, but=login.family_id)
        self._changed()
