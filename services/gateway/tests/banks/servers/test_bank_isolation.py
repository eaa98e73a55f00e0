"""What the database itself lets the gateway's role see of question banks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

SETTING = text("SELECT set_config('parley.user_id', :user, true)")
NAMES = text("SELECT name FROM identity.question_banks")
CHANGE = text("UPDATE identity.question_banks SET name = 'taken'")


async def test_a_transaction_reaches_only_the_banks_of_the_person_it_names(
    ada: Any, bob: Any, sql: Any, database: Any
) -> None:
    await ada.create(name="Ada's")
    made = await bob.create(name="Bob's")
    [(bob_id,)] = await sql("SELECT user_id FROM identity.question_banks WHERE id = $1", made["id"])
    async with database() as session:
        assert (await session.execute(NAMES)).all() == []
        assert (await session.execute(CHANGE)).rowcount == 0
        await session.execute(SETTING, {"user": str(bob_id)})
        assert (await session.execute(NAMES)).scalars().all() == ["Bob's"]
        assert (await session.execute(CHANGE)).rowcount == 1
        await session.rollback()
        assert (await session.execute(NAMES)).all() == []
