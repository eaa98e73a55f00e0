"""From the last release to this one: both at once, as while a rolling update lasts; one after the other; and back."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.request import urlopen

import pytest
from devkit.embedded import free_port
from devkit.stack import Stack

from tests.person import ANSWER, Person, until
from tests.upgrade.conftest import Release

SERVICES = ("session", "interviewer", "coach", "documents", "speech", "gateway")
QUIET = {"LOG_LEVEL": "WARNING", "PARLEY_MODELS": "off"}

pytestmark = pytest.mark.timeout(600)


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
        begun_before = Person(stack.url)
        begun_before.begin(questions=8)
        begun_before.say(0)
        with beside(stack, tmp_path) as url:
            begun_with_new, begun_with_old = Person(url), Person(stack.url)
            people = (begun_before, begun_with_new, begun_with_old)
            for candidate in people[1:]:
                candidate.begin(questions=8)
            for number in range(1, 7):
                for candidate in people:
                    candidate.url = (url, stack.url)[number % 2]
                    assert candidate.say(number)["response_type"] in {"question", "follow_up", "closing"}
            for candidate in people:
                said = [each["content"] for each in candidate.history() if each["role"] == "user"]
                assert said[-6:] == [ANSWER.format(number) for number in range(1, 7)]
                candidate("POST", "/interview/end", {})
                until(partial(candidate.is_judged, len(said)))
                until(candidate.has_a_report)


def test_data_goes_to_this_version_and_back(release: Release, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Stack(data, QUIET, python=release.python, root=release.root) as stack:
        candidate = Person(stack.url)
        candidate.begin(questions=10)
        candidate.say(0)
        before = candidate.history()
    with Stack(data, QUIET) as stack:
        candidate.url = stack.url
        assert candidate.history() == before
        candidate.say(1)
        begun_with_new = Person(stack.url)
        begun_with_new.begin(questions=10)
        begun_with_new.say(0)
        after = candidate.history(), begun_with_new.history()
    with Stack(data, QUIET, python=release.python, root=release.root) as stack:
        for person, known in zip((candidate, begun_with_new), after, strict=True):
            person.url = stack.url
            assert person.history() == known
            assert person.say(5)["response_type"] in {"question", "follow_up"}
