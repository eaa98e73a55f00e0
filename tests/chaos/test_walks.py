"""One interview in each dialect while one process after the other is killed: the next call goes on at the same
question, and nothing that was answered is lost or there twice."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from devkit.stack import Stack

from tests.walks import DIALECTS, Client, Resume, Walk

VICTIMS = ("gateway", "session", "interviewer", "coach", "nats", "postgres")


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("walks") / "parley", {"LOG_LEVEL": "WARNING"}) as stack:
        yield stack


@pytest.mark.timeout(300)
@pytest.mark.parametrize("dialect", DIALECTS)
async def test_an_interview_goes_on_at_the_same_question(walked: Stack, dialect: Any, tmp_path: Path) -> None:
    victims = itertools.cycle(VICTIMS)
    async with aiohttp.ClientSession() as http:
        client = Client(http, walked.url)
        walk: Walk = dialect(client)
        question: str | None = await walk.begin()
        answers = []
        while question is not None:
            assert len(answers) < 10, "the interview does not end"
            walked.kill(next(victims))
            assert await walk.current() == question
            answers.append(f"In case {len(answers)} I measured the queries first and cut the waiting time by a third.")
            walked.kill(next(victims))
            question = await walk.answer(answers[-1])
        messages = (await client.get(f"/api/v1/sessions/{walk.session_id}/messages"))["messages"]
    recorded = [each["content"] for each in messages if each["role"] == "user"]
    assert [each for each in recorded if each.startswith("In case")] == answers
    assert len(recorded) == len(answers) + (dialect is Resume)
