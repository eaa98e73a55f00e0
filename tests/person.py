"""Somebody who uses Parley over HTTP, for tests without an event loop: one interview, and perhaps an account."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import uuid4

ANSWER = "Answer {}: last year I got our falls down from nine a month to four by moving the call bells."
JUST_NOW = frozenset({503, 504})
"""After these a client asks again, with the same key."""


class Person:
    """`url` is where the gateway answers, and may change; so may what tells it. `asked_again` counts requests that were
    told "not just now"."""

    def __init__(self, url: str | Callable[[], str]) -> None:
        self.url = url
        self.headers: dict[str, str] = {}
        self.asked_again = 0

    def __call__(self, method: str, path: str, body: Any = None, *, raw: bytes | None = None, kind: str = "") -> Any:
        """One request, again while the answer is "not just now"; its JSON. Raises HTTPError."""
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        own = {"Content-Type": kind or "application/json", "Idempotency-Key": uuid4().hex}
        for _ in range(60):
            try:
                request = Request(self.address + path, data, own | self.headers, method=method)
                with urlopen(request, timeout=60) as response:
                    text = response.read()
                    return json.loads(text) if text else None
            except HTTPError as error:
                if error.code not in JUST_NOW:
                    raise
            self.asked_again += 1
            time.sleep(0.5)
        raise AssertionError(f"{path} is not available")

    @property
    def address(self) -> str:
        """Where the gateway answers now."""
        return self.url if isinstance(self.url, str) else self.url()

    def status(self, method: str, path: str) -> int:
        """Of the answer to a request."""
        try:
            self(method, path)
        except HTTPError as error:
            return error.code
        return 200

    def register(self) -> None:
        """Make an account, and use it from here on."""
        body = {"email": f"{uuid4().hex}@example.org", "password": "a long password", "name": "Anne"}
        self.headers["Authorization"] = f"Bearer {self('POST', '/auth/register', body)['access_token']}"

    def send(self, path: str, field: str, name: str, file: bytes) -> Any:
        """A form with one file; the answer."""
        boundary = uuid4().hex
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'
        raw = head.encode() + file + f"\r\n--{boundary}--\r\n".encode()
        return self("POST", path, raw=raw, kind=f"multipart/form-data; boundary={boundary}")

    def upload(self, text: str) -> str:
        """A résumé that nobody else has; its id."""
        file = f"{text}{uuid4().hex}".encode()
        return str(self.send("/api/v1/documents/upload/resume", "file", "cv.txt", file)["document_id"])

    def has_been_read(self, document: str) -> bool:
        """Whether a document can be used."""
        return bool(self("GET", f"/api/v1/documents/{document}")["status"] == "completed")

    def begin(self, questions: int, answers: int = 0) -> str:
        """An interview with so many answers; its id."""
        made = self("POST", "/interview/session", {"job_role": "Nurse", "target_question_count": questions})
        self.headers["X-Session-ID"] = made["session_id"]
        self("POST", "/interview/start", {})
        for number in range(answers):
            self.say(number)
        return str(made["session_id"])

    def say(self, number: int) -> dict[str, Any]:
        """Answer number so and so; the reply."""
        return dict(self("POST", "/interview/message", {"message": ANSWER.format(number)}))

    def history(self) -> list[dict[str, Any]]:
        """What was said so far."""
        return list(self("GET", "/interview/history")["history"])

    def is_judged(self, answers: int) -> bool:
        """Whether there is feedback on so many answers."""
        found = self("GET", "/interview/per-turn-feedback")
        return len(found) == answers and all(each["feedback"] for each in found)

    def has_a_report(self) -> bool:
        """Whether the summary is there."""
        return bool(self("GET", "/interview/final-summary-status")["status"] == "completed")


def until(what: Callable[[], bool], seconds: float = 90.0) -> None:
    """Ask again until it is so; who is away for a moment is asked again, too."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if what():
                return
        except OSError:
            pass
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.3)
