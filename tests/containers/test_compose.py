"""`docker compose up`, for real: the images are built, an interview is held, containers are killed under it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from devkit.client import Client
from devkit.compose import SERVICES, Compose, engine

from tests.person import until

AROUND = ("gateway-second", "proxy", "nats", "postgres")
ASKING_MODELS = {"interviewer", "coach", "documents", "speech"}
ANSWER = (
    "I led the move of our payments to Postgres, because retries had charged customers twice;"
    " it cut incidents by 40 percent."
)
INTRUSION = """
import asyncio, os, nats

async def main():
    refused = asyncio.get_running_loop().create_future()
    async def on_error(error):
        refused.set_result(error)
    login = {"user": os.environ["NATS_USER"], "password": os.environ["NATS_PASSWORD"]}
    connection = await nats.connect(os.environ["NATS_URL"], error_cb=on_error, **login)
    await connection.publish("evt.session.completed.v1.x", b"")
    print(await asyncio.wait_for(refused, 5))

asyncio.run(main())
"""
WATCHING = """
FROM python:3.11-slim AS both
RUN apt-get update -qq \\
    && apt-get install -y -qq --no-install-recommends prometheus prometheus-alertmanager wget >/dev/null \\
    && install --directory --owner=nobody --group=nogroup /prometheus /alertmanager
USER nobody
FROM both AS prometheus
ENTRYPOINT ["prometheus"]
FROM both AS alertmanager
ENTRYPOINT ["prometheus-alertmanager"]
"""
"""Debian's, with users and folders as the images have them that the file names."""
WATCHERS = ("prometheus", "alertmanager")

pytestmark = pytest.mark.timeout(900)


def docker(*arguments: str) -> str:
    return engine("docker", *arguments)


@pytest_asyncio.fixture
async def candidate(compose: Compose) -> AsyncIterator[Client]:
    async with aiohttp.ClientSession() as http:
        yield Client(http, compose.url)


async def test_a_whole_interview_goes_on_while_containers_are_killed(compose: Compose, candidate: Client) -> None:
    introduction = await candidate.begin(questions=4)
    assert introduction["response_type"] == "introduction"
    replies = [await candidate.say(f"{ANSWER} I am proud of that.")]

    first_interviewer, *_ = compose.containers("interviewer")
    docker("kill", first_interviewer)
    replies.append(await candidate.say(f"{ANSWER} One interviewer is gone."))

    docker("kill", *compose.containers("session"))
    waiting = asyncio.create_task(candidate.say(f"{ANSWER} Nobody is there to record it."))
    await asyncio.sleep(0.5)
    await asyncio.to_thread(compose, "start", "session")
    replies.append(await waiting)

    answers = len(replies)
    while replies[-1]["response_type"] != "closing":
        assert answers < 20, replies
        replies.append(await candidate.say(f"{ANSWER} Number {answers}."))
        answers += 1
    history = await candidate.history()
    assert [entry for entry in history if entry["role"] == "assistant"][1:] == replies
    assert len([entry for entry in history if entry["role"] == "user"]) == answers

    feedback = await candidate.eventually("/interview/per-turn-feedback", lambda body: len(body) == answers)
    assert all(item["feedback"] for item in feedback)
    summary = await candidate.eventually("/interview/final-summary-status", lambda body: body["status"] == "completed")
    assert summary["error"] is None and summary["results"]["strengths"]


@pytest.mark.parametrize("service", [*SERVICES, "provision"])
def test_an_image_holds_its_service_and_no_server_and_is_not_root(compose: Compose, service: str) -> None:
    image = docker("inspect", "--format", "{{.Image}}", compose.containers(service)[0])
    look = "id -u; ls /opt/parley/bin; which nats-server; ls /opt/parley/lib/*/site-packages; true"
    user, *held = docker("run", "--rm", "--entrypoint", "sh", image, "-c", look).split()
    assert user != "0"
    wanted = set(SERVICES) if service == "provision" else {service}
    assert set(SERVICES) & set(held) == wanted
    assert {f"parley-{name}" for name in wanted} <= set(held)
    assert ("models" in held) == bool(wanted & ASKING_MODELS)
    assert "devkit" not in held
    assert not [name for name in held if "nats-server" in name or "pixeltable" in name]


def test_every_service_becomes_healthy(compose: Compose) -> None:
    compose("up", "-d")  # the killed one, too
    assert [len(compose.containers(service)) for service in ("session", "interviewer")] == [2, 3]
    states: set[str] = set()
    for _ in range(60):
        ids = [each for service in (*SERVICES, *AROUND) for each in compose.containers(service)]
        states = {docker("inspect", "--format", "{{.State.Health.Status}}", each) for each in ids}
        if states == {"healthy"}:
            return
        time.sleep(0.5)
    pytest.fail(f"health: {states}")


@pytest.fixture
def prometheus(compose: Compose) -> Iterator[Callable[[str], Any]]:
    """Asks the Prometheus of the profile `observability`, which runs with its alertmanager. No Grafana can be had."""
    images = {f"{each.upper()}_IMAGE": f"{compose.project}-{each}" for each in WATCHERS}
    compose = replace(compose, variables={**compose.variables, **images})
    for each, image in zip(WATCHERS, images.values(), strict=True):
        engine("docker", "build", "--quiet", "--target", each, "--tag", image, "-", text=WATCHING)
    try:
        compose("--profile", "observability", "up", "-d", *WATCHERS)
        [asked, _] = [each for name in WATCHERS for each in compose.containers(name)]
        yield lambda path: json.loads(docker("exec", asked, "wget", "-qO-", f"http://127.0.0.1:9090/api/v1/{path}"))[
            "data"
        ]
    finally:
        compose("--profile", "observability", "rm", "--stop", "--force", "-v", *WATCHERS)
        docker("image", "rm", *images.values())


def test_what_watches_over_it_sees_every_replica_and_who_tells_of_alerts(
    compose: Compose, prometheus: Callable[[str], Any]
) -> None:
    def healthy() -> bool:
        found = [each for name in WATCHERS for each in compose.containers(name)]
        return {docker("inspect", "--format", "{{.State.Health.Status}}", each) for each in found} == {"healthy"}

    def seen() -> dict[str, int]:
        found = prometheus("query?query=count%20by%20(service)%20(up==1)")["result"]
        return {each["metric"]["service"]: int(each["value"][1]) for each in found}

    def rules() -> set[str]:
        return {rule["health"] for group in prometheus("rules")["groups"] for rule in group["rules"]}

    until(healthy)
    until(lambda: seen() == dict.fromkeys(SERVICES, 1) | {"gateway": 2, "session": 2, "interviewer": 3})
    until(lambda: rules() == {"ok"})
    until(lambda: len(prometheus("alertmanagers")["activeAlertmanagers"]) == 1)
    assert prometheus("status/flags")["enable-feature"] == "exemplar-storage"


@pytest.mark.parametrize("service", [*SERVICES, "gateway-second", "nats", "provision"])
def test_a_container_is_confined(compose: Compose, service: str) -> None:
    for each in compose.containers(service):
        held = json.loads(docker("inspect", each))[0]["HostConfig"]
        assert held["ReadonlyRootfs"] and held["CapDrop"] == ["ALL"] and not held["CapAdd"]
        assert held["Memory"] > 0 and not held["Privileged"]
        assert held["LogConfig"]["Config"] == {"max-size": "10m", "max-file": "5"}


async def test_a_document_is_read_in_such_a_container(compose: Compose, candidate: Client) -> None:
    text = (
        "Anne Miller\n\nExperience\n\nBackend Engineer, Example Ltd, 2019 to 2024\n- Moved payments to Postgres.\n" * 40
    )
    form = aiohttp.FormData()
    form.add_field("file", text.encode(), filename="cv.txt", content_type="text/plain")
    async with candidate.http.post(f"{compose.url}/api/v1/documents/upload/resume", data=form) as response:
        assert response.status == 200, await response.text()
        document = (await response.json())["document_id"]
    seen = await candidate.eventually(f"/api/v1/documents/{document}", lambda body: body["status"] != "processing")
    assert seen["status"] == "completed", seen
    assert 'OOMKilled":true' not in docker("inspect", *compose.containers("documents"))


def test_a_service_may_not_publish_what_another_owns(compose: Compose) -> None:
    assert "permissions violation" in compose("exec", "-T", "coach", "python", "-c", INTRUSION).lower()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_ends_by_itself_when_it_is_told_to(compose: Compose, service: str) -> None:
    running = compose.containers(service)
    compose("stop", service)
    codes = {docker("inspect", "--format", "{{.State.ExitCode}}", each) for each in running}
    assert codes == {"0"}  # 137 would be the engine's patience


async def test_it_comes_back_with_what_it_knew(compose: Compose, candidate: Client) -> None:
    compose("start")
    compose.wait_until_healthy()
    await candidate.begin(questions=2)
    asked = await candidate.say(f"{ANSWER} Remember that.")
    compose.remove_containers()
    compose("up", "-d")
    compose.wait_until_healthy()
    history = await candidate.history()
    assert history[-1] == asked
