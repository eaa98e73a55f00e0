"""Before the first question everybody reads that an AI interviews and judges, whatever client they use; and what is
quoted as the question later is the question alone."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from devkit.stack import Stack

from tests.walks import DIALECTS, Client, Resume, Walk

ANSWER = "I am a backend engineer, and I cut the waiting time of our payment service by a third."


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_the_first_words_say_that_an_ai_interviews_and_judges(stack: Stack, dialect: Any) -> None:
    async with aiohttp.ClientSession() as http:
        client = Client(http, stack.url)
        walk: Walk = dialect(client)
        shown = await walk.begin()
        await walk.answer(ANSWER)
        messages = (await client.get(f"/api/v1/sessions/{walk.session_id}/messages"))["messages"]
        feedback = (await client.get(f"/api/v1/sessions/{walk.session_id}/feedback"))["feedback"]
    first, *later = [each for each in messages if each["role"] == "assistant"]
    disclosed = first["metadata"]["disclosed"]
    assert "an AI interviewer, not a person" in disclosed["text"] and disclosed["text"] in first["content"]
    assert disclosed["interviewer"] == disclosed["coach"] == {"models": []}, "both are built in"
    assert not any("disclosed" in each["metadata"] for each in later)
    if dialect is not Resume:  # there the welcome says so, and the introduction comes after it
        assert disclosed["text"] in shown
    assert not any(disclosed["text"] in each["question"] for each in feedback)
