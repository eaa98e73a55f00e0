"""Tokens that open one interview: derived, never kept, and over when they expire or their owner may not log in."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from gateway.auth.session_tokens import OpenedSession, SessionTokens
from gateway.auth.settings import IdentitySettings
from gateway.problems import NoSuchSession
from pydantic import SecretStr

SECRET, OTHER = SecretStr("a secret of thirty-two characters."), SecretStr("another one of thirty-two letters.")


def tokens_of(database: Any, **fields: Any) -> SessionTokens:
    return SessionTokens(database, IdentitySettings(**{"jwt_secret": SECRET, **fields}))


@pytest.fixture
def tokens(database: Any) -> SessionTokens:
    return tokens_of(database)


@pytest.fixture
async def ada_id(ada: Any, sql: Any) -> UUID:
    made = await ada.create(name="A bank")
    [(user_id,)] = await sql("SELECT user_id FROM identity.question_banks WHERE id = $1", made["id"])
    return UUID(str(user_id))


async def test_a_token_opens_its_session_and_is_not_kept(tokens: SessionTokens, ada_id: UUID, sql: Any) -> None:
    session_id = uuid4()
    token = await tokens.issue(ada_id, session_id)
    assert await tokens.opened(token) == OpenedSession(ada_id, session_id)
    assert await tokens.issue(ada_id, session_id) == token, "as long as it is fresh"
    assert await tokens.issue(ada_id, uuid4()) != token
    rows = await sql("SELECT id::text || session_id::text FROM identity.session_tokens")
    assert all(token.partition(".")[2] not in row[0] for row in rows)


@pytest.mark.parametrize("bad", ["", "x", "a" * 76, f"{'0' * 32}.{'a' * 43}", "null"])
async def test_what_is_not_ours_opens_nothing(tokens: SessionTokens, bad: str) -> None:
    with pytest.raises(NoSuchSession):
        await tokens.opened(bad)


async def test_it_expires_and_a_new_one_is_issued_in_time(
    database: Any, tokens: SessionTokens, ada_id: UUID, sql: Any
) -> None:
    session_id = uuid4()
    first = await tokens.issue(ada_id, session_id)
    aged = "UPDATE identity.session_tokens SET expires_at = now() + interval '{}' WHERE session_id = $1"
    await sql(aged.format("3 days"), session_id)
    second = await tokens.issue(ada_id, session_id)
    assert second != first and (await tokens.opened(first)).session_id == session_id
    await sql(aged.format("-1 second"), session_id)
    for token in (first, second):
        with pytest.raises(NoSuchSession):
            await tokens.opened(token)
    await tokens.purge()
    assert await sql("SELECT 1 FROM identity.session_tokens WHERE session_id = $1", session_id) == []


async def test_it_dies_with_the_right_to_log_in(tokens: SessionTokens, ada_id: UUID, sql: Any) -> None:
    token = await tokens.issue(ada_id, uuid4())
    await sql("UPDATE identity.users SET is_active = false WHERE id = $1", ada_id)
    with pytest.raises(NoSuchSession):
        await tokens.opened(token)


async def test_the_secret_can_be_changed(database: Any, tokens: SessionTokens, ada_id: UUID) -> None:
    session_id = uuid4()
    token = await tokens.issue(ada_id, session_id)
    after = tokens_of(database, jwt_secret=OTHER, jwt_secret_previous=SECRET)
    assert (await after.opened(token)).session_id == session_id
    with pytest.raises(NoSuchSession):
        await tokens_of(database, jwt_secret=OTHER).opened(token)
