"""An interview goes on where it was after every process was killed."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from devkit.stack import Stack

ANSWER = (
    "In case {n} I measured the queries first, because the logs said little, and cut the waiting time by {n}0 percent."
)


def kill_everything(stack: Stack) -> None:
    """The supervisor and all of its children, at once."""
    assert stack._process is not None
    supervisor = psutil.Process(stack._process.pid)
    family = [supervisor, *supervisor.children(recursive=True)]
    for process in family:
        try:
            os.kill(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    psutil.wait_procs(family, timeout=20)
    stack._process.wait(20)


async def told(client: Any) -> list[dict[str, Any]]:
    history: list[dict[str, Any]] = (await client.get("/interview/history")).body["history"]
    return [each for each in history if each["role"] == "assistant"]


@pytest.mark.parametrize("killed_after", [2, 5])
async def test_an_interview_goes_on_in_the_same_phase_with_the_same_counts(
    tmp_path: Path, client_of: Callable[[Stack], Any], killed_after: int
) -> None:
    stack = Stack(tmp_path / "data")
    stack.start()
    try:
        client = client_of(stack)
        await client.begin(
            target_question_count=8, resume_content="Led the migration of billing to three services in 2021."
        )
        for number in range(killed_after):
            await client.say(ANSWER.format(n=number + 1))
        before = await told(client)
        kill_everything(stack)
        await asyncio.to_thread(stack.start)
        assert await told(client) == before
        for number in range(killed_after, 20):
            said = await client.say(ANSWER.format(n=number + 1))
            assert said.status == 200, said
            if said.body["response_type"] == "closing":
                break
        after = await told(client)
    finally:
        stack.stop()
    numbers = [each["metadata"]["question_number"] for each in after]
    assert numbers == sorted(numbers) and numbers[-1] == 8
    phases = [each["metadata"]["phase"] for each in after if each["response_type"] == "question"]
    assert phases == sorted(phases, key=["resume", "technical", "behavioral"].index) and len(set(phases)) == 3
    asked = [each["content"] for each in after if each["response_type"] in {"question", "follow_up"}]
    assert len(set(asked)) == len(asked) == 8, "no question was asked twice"
