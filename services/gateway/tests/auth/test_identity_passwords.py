"""Hashing: parameters, constant work, renewal."""

import asyncio
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from gateway.auth.errors import CommonPassword
from gateway.auth.fields import NewAccount
from gateway.auth.passwords import Passwords, Verdict
from gateway.auth.service import IdentityService
from gateway.auth.settings import IdentitySettings
from pydantic import SecretStr, ValidationError

pytestmark = pytest.mark.asyncio


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    passwords = Passwords()
    yield passwords
    passwords.close()


async def test_hashes_have_owasps_parameters(passwords: Passwords) -> None:
    stored = await passwords.hash("correct horse")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await passwords.verify("correct horse", stored) == Verdict(correct=True)
    assert await passwords.verify("wrong horse", stored) == Verdict(correct=False)
    assert await passwords.hash("correct horse") != stored


async def test_full_and_half_width_are_the_same(passwords: Passwords) -> None:
    stored = await passwords.hash("pass\uff11\uff12\uff13")
    assert (await passwords.verify("pass123", stored)).correct


async def test_nobody_and_broken_hashes_are_never_right(passwords: Passwords) -> None:
    for stored in (None, "", "plain", "$argon2id$v=19$m=19456,t=2,p=1$xx$yy", "$2b$12$abc"):
        assert not (await passwords.verify("correct horse", stored)).correct


async def test_an_unknown_account_costs_as_much_as_a_known_one(passwords: Passwords) -> None:
    stored = await passwords.hash("correct horse")
    await passwords.verify("warm-up", stored)
    known, unknown = [], []
    for _ in range(15):
        known.append(await _seconds(passwords, stored))
        unknown.append(await _seconds(passwords, None))
    assert 0.5 < statistics.median(unknown) / statistics.median(known) < 2


async def test_the_event_loop_goes_on_meanwhile(passwords: Passwords) -> None:
    work = asyncio.gather(*(passwords.hash(f"password {i}") for i in range(10)))
    ticks = 0
    while not work.done():
        await asyncio.sleep(0.001)
        ticks += 1
    await work
    assert ticks > 10


async def test_a_weaker_hash_is_recognised(passwords: Passwords) -> None:
    weak = Passwords(time_cost=1, memory_kib=64)
    stored = await weak.hash("correct horse")
    weak.close()
    assert await passwords.verify("correct horse", stored) == Verdict(correct=True, outdated=True)
    assert await passwords.verify("wrong", stored) == Verdict(correct=False)


async def _seconds(passwords: Passwords, stored: str | None) -> float:
    started = time.process_time()  # hashes are made in threads of this process
    await passwords.verify("wrong horse", stored)
    return time.process_time() - started


@pytest.mark.parametrize(("password", "refused"), [("Password123", True), ("correct horse", False)])
async def test_what_the_operator_lists_cannot_be_chosen(tmp_path: Path, password: str, refused: bool) -> None:
    listed = tmp_path / "common.txt"
    listed.write_text("123456\n\n password123 \n", encoding="utf-8")
    settings = IdentitySettings(jwt_secret=SecretStr("a secret of the tests, " * 3), password_blocklist=listed)
    service = IdentityService(None, settings)  # type: ignore[arg-type]
    account = NewAccount("ada@example.com", password, "Ada")
    # Whoever is let in goes on to the database, and there is none here.
    with pytest.raises(CommonPassword if refused else AttributeError):
        await service.register(account)
    service.close()


async def test_a_list_that_is_not_there_fails_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        IdentitySettings(jwt_secret=SecretStr("a secret of the tests, " * 3), password_blocklist=tmp_path / "none.txt")
