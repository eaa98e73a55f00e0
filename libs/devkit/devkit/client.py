"""A client as docs/api asks for one: a key for each request, and the same request again after "not just now"."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import aiohttp

JUST_NOW = frozenset({502, 503, 504})
"""A proxy without a gateway, a gateway without what it needs, and a reply that is late."""
ATTEMPT = aiohttp.ClientTimeout(total=40)


class UnansweredError(Exception):
    """A request that was refused, or that was asked again until the client lost its patience."""


@dataclass
class Client:
    """One client. `url` is where Parley answers, `headers` go with every request."""

    http: aiohttp.ClientSession
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    again: frozenset[int] = JUST_NOW
    patience: float = 90.0
    """Seconds for which a request is repeated."""
    repeated: Counter[str] = field(default_factory=Counter)
    """Attempts that were not answered, by status or by the name of the error."""

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of the answer. Raises UnansweredError."""
        headers = {**self.headers, "Idempotency-Key": uuid4().hex}
        deadline, pause = time.monotonic() + self.patience, 0.2
        while True:
            try:
                async with self.http.request(
                    method, self.url + path, json=body, headers=headers, timeout=ATTEMPT
                ) as response:
                    if response.status < 300:
                        return await response.json()
                    reason = str(response.status)
                    if response.status not in self.again:
                        raise UnansweredError(f"{path}: {reason} {await response.text()}")
            except (aiohttp.ClientError, TimeoutError) as error:
                reason = type(error).__name__
            self.repeated[reason] += 1
            if time.monotonic() > deadline:
                raise UnansweredError(f"{path}: {reason} for {self.patience:g} s")
            await asyncio.sleep(random.uniform(0.5, 1) * pause)
            pause = min(2 * pause, 2.0)

    async def begin(self, questions: int) -> Any:
        """Create and start an interview; its introduction."""
        await self.create(questions)
        return await self.call("POST", "/interview/start")

    async def create(self, questions: int) -> str:
        """An interview that has not started; its id, which goes with every request from here on."""
        wanted = {"job_role": "Backend Engineer", "target_question_count": questions}
        made = await self.call("POST", "/interview/session", wanted)
        self.headers["X-Session-ID"] = made["session_id"]
        return str(made["session_id"])

    async def say(self, text: str) -> Any:
        """Answer the current question; the reply."""
        return await self.call("POST", "/interview/message", {"message": text})

    async def history(self) -> list[Any]:
        """What was said so far, by both."""
        return list((await self.call("GET", "/interview/history"))["history"])

    async def eventually(self, path: str, accept: Callable[[Any], bool], seconds: float = 60) -> Any:
        """Ask again until the answer is accepted. Raises UnansweredError."""
        deadline = time.monotonic() + seconds
        while not accept(body := await self.call("GET", path)):
            if time.monotonic() > deadline:
                raise UnansweredError(f"{path} never became what it should: {body}")
            await asyncio.sleep(0.3)
        return body
