"""An interview as a client of each dialect holds it, with patience: what fails on the way is asked again."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import uuid4

import aiohttp
from devkit.client import JUST_NOW
from devkit.client import Client as Patient

QUESTIONS = 2
RESUME = (
    "Anne Example\n\nExperience\n\nData Scientist, Northwind\n2019 - Present\n- Built models.\n\nSkills\nPython, SQL\n"
)


class Walk(Protocol):
    """An interview as one dialect's client holds it."""

    async def begin(self) -> str: ...

    async def current(self) -> str: ...

    async def answer(self, text: str) -> str | None: ...

    session_id: str


@dataclass
class Client(Patient):
    """Repeats what failed on the way, too, for as long as a machine of tests may take."""

    again: frozenset[int] = JUST_NOW | {500}
    patience: float = 150.0

    async def get(self, path: str) -> Any:
        return await self.call("GET", path)

    async def post(self, path: str, body: Any = None) -> Any:
        return await self.call("POST", path, body)


async def log_in(client: Client) -> None:
    account = {"email": f"{uuid4().hex}@example.com", "password": "correct horse"}
    client.headers["Authorization"] = f"Bearer {(await client.post('/auth/register', account))['access_token']}"


class Agent:
    def __init__(self, client: Client) -> None:
        self.client = client

    async def begin(self) -> str:
        config = {"job_role": "Backend Engineer", "target_question_count": QUESTIONS}
        self.session_id = (await self.client.post("/interview/session", config))["session_id"]
        self.client.headers["X-Session-ID"] = self.session_id
        return await self.current()

    async def current(self) -> str:
        return str((await self.client.post("/interview/start"))["content"])

    async def answer(self, text: str) -> str | None:
        reply = await self.client.post("/interview/message", {"message": text})
        return None if reply["response_type"] == "closing" else str(reply["content"])


class Turns:
    def __init__(self, client: Client) -> None:
        self.client = client
        self.name = f"int_{uuid4().hex}"

    async def begin(self) -> str:
        begun = await self.client.post(f"/session/start/{self.name}", {"target_question_count": QUESTIONS})
        self.session_id = begun["session_state"]["session_id"]
        return str(begun["interviewer_response"]["text"])

    async def current(self) -> str:
        return str((await self.client.post(f"/session/start/{self.name}"))["interviewer_response"]["text"])

    async def answer(self, text: str) -> str | None:
        reply = (await self.client.post(f"/session/turn/{self.name}", {"text": text}))["interviewer_response"]
        return str(reply["text"]) if reply["should_continue"] else None


class Interviews:
    def __init__(self, client: Client) -> None:
        self.client = client

    async def begin(self) -> str:
        await log_in(self.client)
        # The introduction is one of the questions here.
        made = await self.client.post("/interviews", {"position": "Backend Engineer", "num_questions": QUESTIONS + 1})
        self.session_id, self.number = made["session_id"], made["id"]
        return await self.current()

    async def current(self) -> str:
        begun = await self.client.post(f"/interviews/{self.number}/start")
        self.token = begun["session_token"]
        return str(begun["first_question"]["question"])

    async def answer(self, text: str) -> str | None:
        reply = await self.client.post(
            "/interviews/session/submit", {"session_token": self.token, "response_text": text}
        )
        return str(reply["next_question"]["question"]) if reply["next_question"] else None


class Resume:
    def __init__(self, client: Client) -> None:
        self.client = client

    async def begin(self) -> str:
        await log_in(self.client)
        form = aiohttp.FormData()
        form.add_field("file", RESUME.encode(), filename="resume.txt", content_type="text/plain")
        async with self.client.http.post(
            f"{self.client.url}/api/v1/resumes/upload", data=form, headers=self.client.headers
        ) as kept:
            resume_id = (await kept.json())["resume_id"]
        wanted = {"resume_id": resume_id, "job_role": "Data Scientist", "target_question_count": QUESTIONS}
        self.session_id = (await self.client.post("/api/v1/interviews/start", wanted))["session_id"]
        await self.answer("Yes, I'm ready!")
        return await self.current()

    async def current(self) -> str:
        messages = (await self.client.get(f"/api/v1/sessions/{self.session_id}/messages"))["messages"]
        asked = [each["metadata"]["question_text"] for each in messages if "question_text" in each["metadata"]]
        return str(asked[-1])

    async def answer(self, text: str) -> str | None:
        reply = await self.client.post(f"/api/v1/sessions/{self.session_id}/answer", {"answer": text})
        return str(reply["next_question"]["question_text"]) if reply["next_question"] else None


class LiveChat:
    """Opens the socket again whenever it was closed, and says again what got no reply."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def begin(self) -> str:
        started = await self.client.post("/api/v1/interview/start", {"target_question_count": QUESTIONS})
        self.session_id = started["interview_id"]
        return await self.current()

    async def current(self) -> str:
        question = await self._until_shown(None)
        assert question is not None
        return question

    async def answer(self, text: str) -> str | None:
        return await self._until_shown(text)

    async def _until_shown(self, text: str | None) -> str | None:
        """The question that is asked on connecting or, after `text`, the next one; None at the end."""
        url, first = f"{self.client.url}/api/v1/interview/{self.session_id}/chat", ""
        began = time.monotonic()
        while time.monotonic() - began < self.client.patience:
            try:
                async with self.client.http.ws_connect(url) as socket:
                    async for frame in socket:
                        message = json.loads(frame.data)
                        if message["type"] == "interview_end" or message.get("response_type") == "closing":
                            return None
                        if message["type"] != "llm_response" or message.get("tentative"):
                            continue
                        if text is None or first not in ("", message["payload"]):
                            return str(message["payload"])
                        first = message["payload"]
                        await socket.send_json({"type": "final", "payload": text})
            except (aiohttp.ClientError, OSError):
                pass
            await asyncio.sleep(0.2)
        raise AssertionError("no question was shown")


DIALECTS = (Agent, Interviews, Turns, Resume, LiveChat)
