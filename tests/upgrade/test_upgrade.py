"""From the last release to this one: both at once, as while a rolling update lasts; one after the other; and back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest
from devkit.embedded import free_port
from devkit.stack import Stack

from tests.upgrade.conftest import Release

SERVICES = ("session", "interviewer", "coach", "documents", "speech", "gateway")
ANSWER = "Answer {}: last year I got our falls down from nine a month to four by moving the call bells."
QUIET = {"LOG_LEVEL": "WARNING", "PARLEY_MODELS": "off"}

pytestmark = pytest.mark.timeout(600)


class Candidate:
    """An anonymous client, who may go from one gateway to another."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._headers: dict[str, str] = {}

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        """Again with the same key while it is told "not just now"."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": uuid4().hex} | self._headers
        data = None if body is None else json.dumps(body).encode()
        for _ in range(20):
            try:
                with urlopen(Request(self.url + path, data, headers, method=method), timeout=60) as response:
                    return json.load(response)
            except HTTPError as error:
                if error.code not in {503, 504}:
                    raise AssertionError((path, error.code, error.read()[:300])) from None
            time.sleep(0.5)
        raise AssertionError(f"{path} is not available")

    def begin(self, questions: int) -> None:
        made = self("POST", "/interview/session", {"job_role": "Nurse", "target_question_count": questions})
        self._headers["X-Session-ID"] = made["session_id"]
        self("POST", "/interview/start", {})

    def say(self, number: int) -> str:
        reply = self("POST", "/interview/message", {"message": ANSWER.format(number)})
        return str(reply["response_type"])

    def history(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self("GET", "/interview/history")["history"]
        return found

    def has_a_report(self) -> bool:
        return bool(self("GET", "/interview/final-summary-status")["status"] == "completed")

    def is_judged(self, answers: int) -> bool:
        found = self("GET", "/interview/per-turn-feedback")
        return len(found) == answers and all(each["feedback"] for each in found)


@contextmanager
def beside(stack: Stack, folder: Path) -> Iterator[str]:
    """Another replica of every service, of this version, with the servers of a running stack; its gateway's address."""
    admin = {"NATS_URL": stack.nats_url, "DATABASE_ADMIN_URL": stack.database_url}
    provision = [sys.executable, "-m", "runtime", "provision"]
    subprocess.run(provision, env=os.environ | admin | QUIET, check=True, capture_output=True)
    children = {name: each for each in stack.processes() for name in SERVICES if each.pid == stack.pid_of(name)}
    assert set(children) == set(SERVICES)
    port, started = free_port(), list[subprocess.Popen[bytes]]()
    try:
        for name, child in children.items():
            own = {"HEALTH_PORT": str(free_port()), "PORT": str(port)}
            with (folder / f"{name}.log").open("wb") as log:
                environment = child.environ() | own | {"PATH": os.environ["PATH"]}
                process = subprocess.Popen([sys.executable, "-m", name], env=environment, stdout=log, stderr=log)
                started.append(process)
        url = f"http://127.0.0.1:{port}"
        until(lambda: urlopen(f"{url}/health", timeout=5).status == 200)
        yield url
        assert [each.poll() for each in started] == [None] * len(started)
    finally:
        for each in started:
            each.terminate()
        for each in started:
            each.wait(45)


def test_both_versions_work_side_by_side(release: Release, tmp_path: Path) -> None:
    with Stack(tmp_path / "data", QUIET, python=release.python, root=release.root) as stack:
        begun_before = Candidate(stack.url)
        begun_before.begin(questions=8)
        begun_before.say(0)
        with beside(stack, tmp_path) as url:
            begun_with_new, begun_with_old = Candidate(url), Candidate(stack.url)
            people = (begun_before, begun_with_new, begun_with_old)
            for candidate in people[1:]:
                candidate.begin(questions=8)
            for number in range(1, 7):
                for candidate in people:
                    candidate.url = (url, stack.url)[number % 2]
                    assert candidate.say(number) in {"question", "follow_up", "closing"}
            for candidate in people:
                said = [each["content"] for each in candidate.history() if each["role"] == "user"]
                assert said[-6:] == [ANSWER.format(number) for number in range(1, 7)]
                candidate("POST", "/interview/end", {})
                until(partial(candidate.is_judged, len(said)))
                until(candidate.has_a_report)


def test_data_goes_to_this_version_and_back(release: Release, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Stack(data, QUIET, python=release.python, root=release.root) as stack:
        candidate = Candidate(stack.url)
        candidate.begin(questions=10)
        candidate.say(0)
        before = candidate.history()
    with Stack(data, QUIET) as stack:
        candidate.url = stack.url
        assert candidate.history() == before
        candidate.say(1)
        begun_with_new = Candidate(stack.url)
        begun_with_new.begin(questions=10)
        begun_with_new.say(0)
        after = candidate.history(), begun_with_new.history()
    with Stack(data, QUIET, python=release.python, root=release.root) as stack:
        for person, known in zip((candidate, begun_with_new), after, strict=True):
            person.url = stack.url
            assert person.history() == known
            assert person.say(5) in {"question", "follow_up"}


def until(what: Any, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            if what():
                return
        except OSError:
            pass
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.3)
