"""Where question banks are kept: each call is a short transaction, and sees the banks of one person only."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from contracts.vocabulary.bank import BankQuestion
from runtime.sql.tenants import Tenant
from sqlalchemy import Select, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlmodel import col

from gateway.auth.errors import NotAuthenticated
from gateway.banks.fields import Draft, plain
from gateway.bus.idempotency import KeyedRequest, OtherBody
from gateway.models import QuestionBankRow, UserRow
from gateway.problems import Problem

MAX_BANKS = 50
_TOO_MANY = f"There is room for {MAX_BANKS} question banks. Please delete one first."
_HEADING = (col(QuestionBankRow.id), col(QuestionBankRow.name), col(QuestionBankRow.description))
_MOMENTS = (col(QuestionBankRow.created_at), col(QuestionBankRow.updated_at))
_COUNT = func.jsonb_array_length(col(QuestionBankRow.questions))
_WHOLE = (*_HEADING, *_MOMENTS, col(QuestionBankRow.questions))
# We keep no objects in sessions that such a statement would have to bring up to date.
_PLAIN = {"synchronize_session": False}


class NoSuchBank(Problem):
    """No such bank, or another's: callers cannot tell which."""

    def __init__(self) -> None:
        super().__init__(404, "This question bank was not found.")


@dataclass(frozen=True, slots=True)
class Bank:
    """A question bank."""

    id: UUID
    name: str
    description: str
    created_at: datetime
    updated_at: datetime
    questions: tuple[BankQuestion, ...]


@dataclass(frozen=True, slots=True)
class ListedBank:
    """A question bank without its questions."""

    id: UUID
    name: str
    description: str
    created_at: datetime
    updated_at: datetime
    question_count: int


class Banks:
    """The table of question banks."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions

    @asynccontextmanager
    async def _banks_of(self, user_id: UUID) -> AsyncIterator[AsyncSession]:
        """A transaction that row-level security lets reach this person's banks only."""
        async with self._sessions.begin() as session:
            await session.execute(text(Tenant(user_id).settings_sql))
            yield session

    async def create(self, user_id: UUID, draft: Draft, request: KeyedRequest | None = None) -> Bank:
        """A new bank; for a repeat of a keyed request the one that it made. Raises Problem 409."""
        async with self._banks_of(user_id) as session:
            await _one_at_a_time(session, user_id)
            if request is not None and (made := await _made_by(session, request)) is not None:
                return made
            if await session.scalar(_owned(user_id, func.count())) >= MAX_BANKS:
                raise Problem(409, _TOO_MANY)
            values = {"id": request.id if request else uuid4(), "body_hash": request.body_hash if request else None}
            statement = insert(QuestionBankRow).values(**values, user_id=user_id, **_columns(dict(draft)))
            return _bank((await session.execute(statement.returning(*_WHOLE))).one())

    async def listed(self, user_id: UUID, skip: int, limit: int) -> list[ListedBank]:
        """A person's banks, newest first."""
        order = (col(QuestionBankRow.created_at).desc(), col(QuestionBankRow.id))
        statement = _owned(user_id, *_HEADING, *_MOMENTS, _COUNT).order_by(*order).offset(skip).limit(limit)
        async with self._banks_of(user_id) as session:
            return [ListedBank(*row) for row in await session.execute(statement)]

    async def get(self, user_id: UUID, bank_id: UUID) -> Bank:
        """One bank. Raises NoSuchBank."""
        statement = _owned(user_id, *_WHOLE).where(col(QuestionBankRow.id) == bank_id)
        async with self._banks_of(user_id) as session:
            return _found((await session.execute(statement)).first())

    async def change(self, user_id: UUID, bank_id: UUID, changes: Mapping[str, Any]) -> Bank:
        """The bank with other fields; one statement, so that of two at once the later one wins and nothing is mixed.
        Raises NoSuchBank."""
        mine = (col(QuestionBankRow.id) == bank_id, col(QuestionBankRow.user_id) == user_id)
        statement = update(QuestionBankRow).where(*mine).values(**_columns(changes), updated_at=func.now())
        async with self._banks_of(user_id) as session:
            return _found((await session.execute(statement.returning(*_WHOLE), execution_options=_PLAIN)).first())

    async def delete(self, user_id: UUID, bank_id: UUID) -> None:
        """Forget a bank. Raises NoSuchBank."""
        mine = (col(QuestionBankRow.id) == bank_id, col(QuestionBankRow.user_id) == user_id)
        statement = delete(QuestionBankRow).where(*mine).returning(col(QuestionBankRow.id))
        async with self._banks_of(user_id) as session:
            if (await session.execute(statement, execution_options=_PLAIN)).first() is None:
                raise NoSuchBank


def _owned(user_id: UUID, *columns: Any) -> Select[Any]:
    return select(*columns).where(col(QuestionBankRow.user_id) == user_id)


def _columns(fields: Mapping[str, Any]) -> dict[str, Any]:
    questions = {"questions": plain(fields["questions"])} if "questions" in fields else {}
    return {**fields, **questions}


def _bank(row: Any) -> Bank:
    questions = tuple(BankQuestion.model_validate(question) for question in row.questions)
    return Bank(row.id, row.name, row.description, row.created_at, row.updated_at, questions)


def _found(row: Any) -> Bank:
    if row is None:
        raise NoSuchBank
    return _bank(row)


async def _one_at_a_time(session: AsyncSession, user_id: UUID) -> None:
    """Hold the account until the end of the transaction: two requests at once neither pass the limit nor use a key
    twice. Logins of the account, which only refer to it, go on."""
    account = select(col(UserRow.id)).where(col(UserRow.id) == user_id).with_for_update(key_share=True)
    if await session.scalar(account) is None:
        raise Problem(401, NotAuthenticated.sentence, {"WWW-Authenticate": "Bearer"})


async def _made_by(session: AsyncSession, request: KeyedRequest) -> Bank | None:
    """The bank that a keyed request made before. A key counts for as long as its bank is there."""
    statement = select(*_WHOLE, col(QuestionBankRow.body_hash)).where(col(QuestionBankRow.id) == request.id)
    row = (await session.execute(statement)).first()
    if row is None:
        return None
    if row.body_hash != request.body_hash:
        raise OtherBody
    return _bank(row)
