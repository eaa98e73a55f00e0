"""`make eval-local` against a server with one slot: nothing is lost to our own queue, and what fell back is told."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest
from devkit.embedded.process import free_port
from devkit.fake_openai import OpenAIServer, Reply
from devkit.fake_server import Received

from evals.actor import Actor
from evals.local import NoServer, hold, models_at, run


class OneSlot(OpenAIServer):
    """Works on one request at a time, as llama.cpp does by default; `queued` is how many had to wait for that."""

    def __init__(self, default: Reply) -> None:
        super().__init__(default)
        self._slot = asyncio.Lock()
        self.queued = 0

    async def _answer(self, request: Any, received: Received) -> Any:
        if not received.path.endswith("completions"):
            return await super()._answer(request, received)
        self.queued += self._slot.locked()
        async with self._slot:
            return await super()._answer(request, received)


@pytest.mark.timeout(180)
async def test_nothing_is_lost_to_our_own_queue_on_a_server_with_one_slot() -> None:
    async with OneSlot(Reply(Actor(), chunk=10_000, first_delay=0.5)) as server:
        outcome = await hold({"OPENAI_BASE_URL": server.url}, turns=6)
    assert (outcome.turns, outcome.fell_back, outcome.lost) == (6, 0, 0), list(outcome.lines())
    assert (outcome.judged, outcome.judged_by_rule) == (6, 0), list(outcome.lines())
    assert outcome.calls["interviewer", "ok"] >= 6 and not outcome.reasons
    # Calls wait with us, where replies go first, and not there.
    assert server.queued == 0


@pytest.mark.timeout(180)
async def test_what_falls_back_is_told_with_its_reason() -> None:
    async with OneSlot(Reply("I am not good at schemas.")) as server:
        outcome = await hold({"OPENAI_BASE_URL": server.url}, turns=2)
    assert (outcome.turns, outcome.fell_back, outcome.lost) == (2, 2, 0)
    assert outcome.judged_by_rule == outcome.judged == 2
    assert outcome.calls["interviewer", "malformed"] >= 2
    assert outcome.reasons["interviewer", "NoModel"] >= 2 and outcome.reasons["coach", "NoModel"] >= 2
    shown = "\n".join(outcome.lines())
    assert (
        "turns      0 of 2 by the model" in shown and "lost       0 replies to our own queue, and 0 judgements" in shown
    )


async def test_without_a_server_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"http://127.0.0.1:{free_port()}/v1"
    with pytest.raises(NoServer, match="llama-server"):
        await models_at(url)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(NoServer, match="Set OPENAI_BASE_URL"):
        await run(1)
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "evals.local"],
        env={"OPENAI_BASE_URL": url, "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"No model server answers at {url}/models") and "Traceback" not in done.stderr
