"""The SQL of this part: each function is one statement in the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import and_, delete, exists, func, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.auth.fields import NewAccount
from gateway.auth.tokens import AccessClaims, Grant
from gateway.auth.user import User
from gateway.bus.idempotency import KeyedRequest
from gateway.models import AuditEvent, IdempotencyKey, RevokedToken, TokenFamily, UserRow

_USER = (
    col(UserRow.id),
    col(UserRow.email),
    col(UserRow.name),
    col(UserRow.role),
    col(UserRow.is_active),
    col(UserRow.created_at),
)
_GRANT = (col(TokenFamily.id), col(TokenFamily.generation), col(TokenFamily.rotated_at))
# We keep no objects in sessions that such a statement would have to bring up to date.
_PLAIN = {"synchronize_session": False}
_FIRST_ADMIN = int.from_bytes(b"admin")
"""The advisory lock."""


@dataclass(frozen=True, slots=True)
class Account:
    """A user with the hash to check a password against."""

    user: User
    password_hash: str


@dataclass(frozen=True, slots=True)
class Issue:
    """For whom, and which tokens."""

    user: User
    grant: Grant


@dataclass(frozen=True, slots=True)
class Recorded:
    """What an earlier request with the same Idempotency-Key was answered with."""

    account: Account
    grant: Grant
    body_hash: str
    revoked: bool


@dataclass(frozen=True, slots=True)
class Family:
    """A login that may still be used, and whether its last rotation is recent."""

    issue: Issue
    just_rotated: bool


def _user(row: Sequence[Any]) -> User:
    return User(*row[: len(_USER)])


def _issue(row: Sequence[Any]) -> Issue:
    return Issue(_user(row), Grant(*row[len(_USER) : len(_USER) + len(_GRANT)]))


async def insert_user(session: AsyncSession, account: NewAccount, password_hash: str) -> User | None:
    """Create the account, or return None if the address is taken.

    ON CONFLICT instead of an exception: Postgres would write the address into its log.
    """
    values = {"id": uuid4(), "email": account.email, "name": account.name, "password_hash": password_hash}
    statement = insert(UserRow).values(values).on_conflict_do_nothing(index_elements=["email"])
    row = (await session.execute(statement.returning(*_USER))).first()
    return _user(row) if row else None


async def has_admin(session: AsyncSession) -> bool:
    """Whether anybody is an admin and may log in."""
    admins = and_(col(UserRow.role) == "admin", col(UserRow.is_active))
    return bool(await session.scalar(select(exists().where(admins))))


async def appoint_alone(session: AsyncSession) -> None:
    """Until the transaction ends nobody else appoints the first admin."""
    await session.execute(select(func.pg_advisory_xact_lock(_FIRST_ADMIN)))


async def account_of(session: AsyncSession, email: str) -> Account | None:
    statement = select(*_USER, col(UserRow.password_hash)).where(col(UserRow.email) == email)
    row = (await session.execute(statement)).first()
    return Account(_user(row), row.password_hash) if row else None


async def users(session: AsyncSession, skip: int, limit: int) -> list[User]:
    order = (col(UserRow.created_at), col(UserRow.id))
    return [_user(row) for row in await session.execute(select(*_USER).order_by(*order).offset(skip).limit(limit))]


async def user(session: AsyncSession, user_id: UUID) -> User | None:
    row = (await session.execute(select(*_USER).where(col(UserRow.id) == user_id))).first()
    return _user(row) if row else None


async def is_taken(session: AsyncSession, email: str, user_id: UUID) -> bool:
    """Whether the address is another account's."""
    another = and_(col(UserRow.email) == email, col(UserRow.id) != user_id)
    return bool(await session.scalar(select(exists().where(another))))


async def change_user(session: AsyncSession, user_id: UUID, values: Mapping[str, Any]) -> User | None:
    """Raises IntegrityError for an address that somebody else has."""
    statement = update(UserRow).where(col(UserRow.id) == user_id).values(**values, updated_at=func.now())
    row = (await session.execute(statement.returning(*_USER), execution_options=_PLAIN)).first()
    return _user(row) if row else None


async def delete_user(session: AsyncSession, user_id: UUID) -> None:
    await session.execute(delete(UserRow).where(col(UserRow.id) == user_id), execution_options=_PLAIN)


async def record_audit(
    session: AsyncSession, actor_id: UUID | None, action: str, subject_id: UUID, details: Mapping[str, Any]
) -> None:
    values = {"id": uuid4(), "actor_id": actor_id, "action": action, "subject_id": subject_id, "details": dict(details)}
    await session.execute(insert(AuditEvent).values(values))


async def replace_hash(session: AsyncSession, account: Account, password_hash: str) -> bool:
    """Store another hash, unless the password was changed meanwhile; whether it was stored."""
    unchanged = and_(col(UserRow.id) == account.user.id, col(UserRow.password_hash) == account.password_hash)
    statement = update(UserRow).where(unchanged).values(password_hash=password_hash, updated_at=func.now())
    row = (await session.execute(statement.returning(col(UserRow.id)), execution_options=_PLAIN)).first()
    return row is not None


async def open_family(
    session: AsyncSession, family_id: UUID, user: User, lifetime: timedelta, device: str = ""
) -> Grant:
    values = {"id": family_id, "user_id": user.id, "expires_at": func.now() + lifetime, "device": device}
    row = (await session.execute(insert(TokenFamily).values(values).returning(*_GRANT))).one()
    return Grant(*row)


async def rotate(session: AsyncSession, family_id: UUID, generation: int, lifetime: timedelta) -> Issue | None:
    """Move the family on if `generation` is its current one. Of several at once, one gets a row."""
    usable = and_(col(TokenFamily.id) == family_id, col(TokenFamily.generation) == generation, *_alive())
    now = func.now()
    values = {"generation": generation + 1, "rotated_at": now, "last_used_at": now, "expires_at": now + lifetime}
    statement = update(TokenFamily).where(usable).values(values).returning(*_USER, *_GRANT)
    row = (await session.execute(statement, execution_options=_PLAIN)).first()
    return _issue(row) if row else None


async def family(session: AsyncSession, family_id: UUID, grace: timedelta) -> Family | None:
    just_rotated = (func.now() <= col(TokenFamily.rotated_at) + grace).label("just_rotated")
    statement = select(*_USER, *_GRANT, just_rotated).where(col(TokenFamily.id) == family_id, *_alive())
    row = (await session.execute(statement)).first()
    return Family(_issue(row), row.just_rotated) if row else None


async def revoke_family(session: AsyncSession, family_id: UUID) -> None:
    alive = and_(col(TokenFamily.id) == family_id, col(TokenFamily.revoked_at).is_(None))
    await session.execute(update(TokenFamily).where(alive).values(revoked_at=func.now()), execution_options=_PLAIN)


@dataclass(frozen=True, slots=True)
class LoginRow:
    """One login of somebody's, for them to see."""

    id: UUID
    device: str
    created_at: datetime
    last_used_at: datetime


async def logins(session: AsyncSession, user_id: UUID) -> list[LoginRow]:
    statement = (
        select(col(TokenFamily.id), col(TokenFamily.device), col(TokenFamily.created_at), col(TokenFamily.last_used_at))
        .where(col(UserRow.id) == user_id, *_alive())
        .order_by(col(TokenFamily.created_at).desc(), col(TokenFamily.id))
    )
    return [LoginRow(*row) for row in await session.execute(statement)]


async def revoke_logins(
    session: AsyncSession, user_id: UUID, *, only: UUID | None = None, but: UUID | None = None
) -> int:
    """How many there were of all, of one, or of all but one."""
    wanted = [col(TokenFamily.user_id) == user_id, col(TokenFamily.revoked_at).is_(None)]
    wanted += [col(TokenFamily.id) == only] if only else []
    wanted += [col(TokenFamily.id) != but] if but else []
    statement = update(TokenFamily).where(*wanted).values(revoked_at=func.now()).returning(col(TokenFamily.id))
    return len((await session.execute(statement, execution_options=_PLAIN)).all())


async def touch(session: AsyncSession, family_id: UUID) -> None:
    """It is being used."""
    statement = update(TokenFamily).where(col(TokenFamily.id) == family_id).values(last_used_at=func.now())
    await session.execute(statement, execution_options=_PLAIN)


async def revoke_reused(session: AsyncSession, family_id: UUID, generation: int) -> bool:
    """Revoke the family if it is past this generation; True if that was news."""
    past = and_(
        col(TokenFamily.id) == family_id,
        col(TokenFamily.generation) > generation,
        col(TokenFamily.revoked_at).is_(None),
    )
    statement = update(TokenFamily).where(past).values(revoked_at=func.now())
    row = (await session.execute(statement.returning(col(TokenFamily.id)), execution_options=_PLAIN)).first()
    return row is not None


async def revoke_token(session: AsyncSession, claims: AccessClaims) -> None:
    values = {"jti": claims.jti, "expires_at": claims.expires_at}
    await session.execute(insert(RevokedToken).values(values).on_conflict_do_nothing())


async def user_of(session: AsyncSession, claims: AccessClaims, touched: timedelta) -> tuple[User, bool] | None:
    """The user of an access token, unless the token, its family or the user is dead: three key look-ups. And whether
    its last use was noted longer ago than `touched`."""
    revoked = select(true()).where(col(RevokedToken.jti) == claims.jti).exists()
    stale = (col(TokenFamily.last_used_at) < func.now() - touched).label("stale")
    statement = select(*_USER, stale).where(
        col(UserRow.id) == claims.user_id,
        col(TokenFamily.id) == claims.family_id,
        col(TokenFamily.user_id) == col(UserRow.id),
        col(TokenFamily.revoked_at).is_(None),
        col(UserRow.is_active),
        ~revoked,
    )
    row = (await session.execute(statement)).first()
    return (_user(row), row.stale) if row else None


async def record(
    session: AsyncSession,
    request: KeyedRequest,
    user: User,
    family_id: UUID,
    generation: int,
    issued_at: datetime | None = None,
) -> bool:
    """Remember the answer to a keyed request (issued now, unless said); False if the key was used before."""
    values = {
        "id": request.id,
        "body_hash": request.body_hash,
        "created_id": family_id,
        "generation": generation,
        "user_id": user.id,
        "created_at": issued_at or func.now(),
    }
    statement = insert(IdempotencyKey).values(values).on_conflict_do_nothing()
    row = (await session.execute(statement.returning(col(IdempotencyKey.id)))).first()
    return row is not None


async def recorded(session: AsyncSession, request: KeyedRequest) -> Recorded | None:
    statement = (
        select(
            *_USER,
            col(IdempotencyKey.created_id),
            col(IdempotencyKey.generation),
            col(IdempotencyKey.created_at),
            col(IdempotencyKey.body_hash),
            col(UserRow.password_hash),
            and_(col(TokenFamily.revoked_at).is_(None), col(TokenFamily.id).is_not(None)).label("alive"),
        )
        .join(UserRow, col(UserRow.id) == col(IdempotencyKey.user_id))
        .outerjoin(TokenFamily, col(TokenFamily.id) == col(IdempotencyKey.created_id))
        .where(col(IdempotencyKey.id) == request.id)
    )
    row = (await session.execute(statement)).first()
    if row is None:
        return None
    issue = _issue(row)
    return Recorded(Account(issue.user, row.password_hash), issue.grant, row.body_hash, not row.alive)


async def forget(session: AsyncSession, request: KeyedRequest, family_id: UUID) -> bool:
    """Forget what a key opened, so that it opens something new; False if somebody else did."""
    this = and_(col(IdempotencyKey.id) == request.id, col(IdempotencyKey.created_id) == family_id)
    statement = delete(IdempotencyKey).where(this).returning(col(IdempotencyKey.id))
    return (await session.execute(statement, execution_options=_PLAIN)).first() is not None


async def purge(session: AsyncSession, access_lifetime: timedelta) -> None:
    """Delete what can no longer matter: expired families and revocations."""
    expired = col(TokenFamily.expires_at) < func.now() - access_lifetime
    await session.execute(delete(TokenFamily).where(expired), execution_options=_PLAIN)
    forgotten = col(RevokedToken.expires_at) < func.now()
    await session.execute(delete(RevokedToken).where(forgotten), execution_options=_PLAIN)


def _alive() -> tuple[Any, ...]:
    """The family is neither revoked nor expired and its user may log in; joins the users table."""
    return (
        col(TokenFamily.user_id) == col(UserRow.id),
        col(UserRow.is_active),
        col(TokenFamily.revoked_at).is_(None),
        col(TokenFamily.expires_at) > func.now(),
    )
