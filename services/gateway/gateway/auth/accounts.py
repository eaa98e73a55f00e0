"""What is done to accounts: by their owners, and by admins, whose every action is recorded."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from gateway.auth import store
from gateway.auth.errors import EmailTaken, NoSuchUser, NotYourself
from gateway.auth.fields import Access, Profile
from gateway.auth.user import User


class Accounts:
    """Reads and changes accounts. `changed` is called after each change: whoever remembers accounts looks again."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], changed: Callable[[], None]) -> None:
        self._sessions = sessions
        self._changed = changed

    async def listed(self, skip: int, limit: int) -> list[User]:
        """Accounts, oldest first."""
        async with self._sessions() as session:
            return await store.users(session, skip, limit)

    async def get(self, user_id: UUID) -> User:
        """One account. Raises NoSuchUser."""
        async with self._sessions() as session:
            return _found(await store.user(session, user_id))

    async def change_profile(self, user_id: UUID, profile: Profile) -> User:
        """Another name or address of one's own. Raises EmailTaken, NoSuchUser."""
        return await self._change(user_id, {"name": profile.name, "email": profile.email})

    async def set_access(self, admin: User, user_id: UUID, access: Access) -> User:
        """Another role, or whether somebody may log in. Raises NotYourself, NoSuchUser."""
        _must_be_another(admin, user_id)
        values = {"role": access.role, "is_active": access.is_active}
        return await self._change(user_id, values, audited=(admin.id, "change"))

    async def deactivate(self, admin: User, user_id: UUID) -> None:
        """The first step of a deletion: nothing new begins. Raises NotYourself, NoSuchUser."""
        _must_be_another(admin, user_id)
        await self._change(user_id, {"is_active": False}, audited=(admin.id, "delete"))

    async def delete(self, user_id: UUID) -> None:
        """Forget an account, with its logins and question banks."""
        async with self._sessions.begin() as session:
            await store.delete_user(session, user_id)
        self._changed()

    async def grant(self, email: str, role: str) -> User:
        """A role by address, from the command line. Raises NoSuchUser."""
        async with self._sessions.begin() as session:
            account = await store.account_of(session, email)
            user = _found(account.user if account else None)
            changed = _found(await store.change_user(session, user.id, {"role": role}))
            await store.record_audit(session, None, "grant", user.id, {"role": role})
        self._changed()
        return changed

    async def _change(self, user_id: UUID, values: Mapping[str, Any], audited: tuple[UUID, str] | None = None) -> User:
        given = {name: value for name, value in values.items() if value is not None}
        try:
            async with self._sessions.begin() as session:
                # Looked at first: of a violation Postgres writes the address into its log.
                if "email" in given and await store.is_taken(session, given["email"], user_id):
                    raise EmailTaken
                user = _found(await store.change_user(session, user_id, given))
                if audited:
                    await store.record_audit(session, *audited, user_id, given)
        except IntegrityError:  # in the same moment
            raise EmailTaken from None
        self._changed()
        return user


def _found(user: User | None) -> User:
    if user is None:
        raise NoSuchUser
    return user


def _must_be_another(admin: User, user_id: UUID) -> None:
    """Or the last admin could lock everybody out."""
    if admin.id == user_id:
        raise NotYourself
