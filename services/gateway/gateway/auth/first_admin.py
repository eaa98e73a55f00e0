"""The first admin, by settings: appointed when the gateway starts, as long as nobody is one."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from gateway.auth import store
from gateway.auth.fields import NewAccount, new_account
from gateway.auth.passwords import Passwords
from gateway.auth.settings import IdentitySettings

log = structlog.get_logger()


class FirstAdmin:
    """`changed` is called after an appointment: whoever remembers accounts looks again."""

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        passwords: Passwords,
        settings: IdentitySettings,
        changed: Callable[[], None],
    ) -> None:
        self._sessions = sessions
        self._passwords = passwords
        self._email = settings.admin_email
        self._password = settings.admin_password.get_secret_value() if settings.admin_password else ""
        self._changed = changed

    async def appoint(self) -> None:
        """Make the account of the settings an admin, and the account itself where it is not there and has a password.
        Nothing once there is an admin: who is one is then up to the admins."""
        if not self._email:
            return
        async with self._sessions() as session:
            if await store.has_admin(session):
                return
        fields = {"email": self._email, "password": self._password}
        account = new_account(fields) if self._password else None
        password_hash = await self._passwords.hash(self._password) if account else ""
        async with self._sessions.begin() as session:
            await store.appoint_alone(session)
            if not await store.has_admin(session):  # another gateway may start at the same moment
                await self._appoint(session, account, password_hash)
        self._changed()

    async def _appoint(self, session: AsyncSession, account: NewAccount | None, password_hash: str) -> None:
        assert self._email is not None
        found = await store.account_of(session, self._email)
        user = found.user if found else None
        if user is None and account is not None:
            user = await store.insert_user(session, account, password_hash)
        if user is None:
            log.warning(
                "no first admin: ADMIN_EMAIL has no account; set ADMIN_PASSWORD, or register it and start again"
            )
            return
        await store.change_user(session, user.id, {"role": "admin", "is_active": True})
        await store.record_audit(session, None, "grant", user.id, {"role": "admin"})
        log.info("first admin appointed", user_id=str(user.id))
