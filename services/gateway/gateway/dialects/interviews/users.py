"""The interviews API's accounts: `/users`."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request

from gateway.auth.accounts import Accounts
from gateway.auth.deps import AdminUser, CurrentUser
from gateway.auth.errors import NoSuchUser, NotAdmin
from gateway.auth.fields import access, profile
from gateway.dialects.dependencies import Services
from gateway.dialects.interviews.user_shapes import AccessBody, Account, ProfileBody, UserDeleted
from gateway.edge.bodies import documented, read_json
from gateway.edge.operations import dialect_router, errors, refuses

router = dialect_router(prefix="/users", tag="interviews")


async def accounts(services: Services) -> Accounts:
    """The accounts."""
    return services.accounts


@refuses(404)
async def path_user(user_id: str) -> UUID:
    """The account that the path names. What cannot be an id is none."""
    try:
        return UUID(user_id)
    except ValueError:
        raise NoSuchUser from None


Store = Annotated[Accounts, Depends(accounts)]
PathUser = Annotated[UUID, Depends(path_user)]


@router.get("/me")
async def me(user: CurrentUser) -> Account:
    """Read your account."""
    return Account.of(user)


@router.put("/me", openapi_extra=documented(ProfileBody), responses=errors(404))
async def change_me(request: Request, user: CurrentUser, store: Store) -> Account:
    """Change your name or your email address. Your role stays what it is."""
    return Account.of(await store.change_profile(user.id, profile(await read_json(request))))


@router.get("")
async def users(
    admin: AdminUser,
    store: Store,
    skip: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 100,
) -> list[Account]:
    """List all accounts, oldest first. For admins."""
    return [Account.of(each) for each in await store.listed(skip, limit)]


@router.get("/{user_id}", responses=errors(403))
async def user(caller: CurrentUser, user_id: PathUser, store: Store) -> Account:
    """Read an account: your own, or any as an admin."""
    if caller.id == user_id:
        return Account.of(caller)
    if not caller.is_admin:
        raise NotAdmin
    return Account.of(await store.get(user_id))


@router.patch("/{user_id}", openapi_extra=documented(AccessBody), responses=errors(409))
async def change(request: Request, admin: AdminUser, user_id: PathUser, store: Store) -> Account:
    """Change somebody's role, or whether they may log in. For admins; not of your own account."""
    return Account.of(await store.set_access(admin, user_id, access(await read_json(request))))


@router.delete("/{user_id}", responses=errors(409, 504))
async def delete(admin: AdminUser, user_id: PathUser, services: Services) -> UserDeleted:
    """Delete an account and erase its interviews and documents. For admins; not your own account."""
    await services.account_deletion.erase(admin, user_id)
    return UserDeleted(message="The account and everything that belongs to it were deleted.")
