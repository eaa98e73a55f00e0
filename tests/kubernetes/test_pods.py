"""Pods of the rendered manifests, run: an interview, a spoken turn, a document, pods that are killed, who reaches whom,
and what KEDA would ask for."""

from __future__ import annotations

import contextlib
import json
import math
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest
import yaml
from devkit.compose import NATS_WITH_A_SHELL, SERVICES
from devkit.fake_openai import Hang, OpenAIServer
from devkit.fake_server import apart
from devkit.spoken_code import encode, silence, wav

from tests.deploy.conftest import K8S, rendered
from tests.deploy.test_network import INTERNET, MAY_TALK
from tests.kubernetes.pods import Cluster, docker
from tests.person import Person, until
from tools.paths import ROOT

POOLER = """
FROM python:3.11-slim
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends pgbouncer >/dev/null
"""
"""Debian's."""
LAG = """
import json, urllib.request
found = json.load(urllib.request.urlopen("http://127.0.0.1:8222/jsz?acc=$G&consumers=true&config=true", timeout=5))
streams = [each for account in found["account_details"] for each in account["stream_detail"]]
print(json.dumps({consumer["name"]: consumer["num_pending"] + consumer["num_ack_pending"]
    for each in streams if each["name"] == "EVENTS" for consumer in each["consumer_detail"]}))
"""
"""What KEDA's scaler for JetStream reads, and how it counts (its source, `nats_jetstream_scaler.go`)."""
REACHES = """
import json, socket, sys
found = []
for name, port in json.loads(sys.argv[1]):
    try:
        socket.create_connection((name, port), timeout=3).close()
        found.append([name, port])
    except OSError:
        pass
print(json.dumps(found))
"""
"""Those of a list that answer at a port."""
SAID = "Last year I moved the call bells, and our falls went down from nine a month to four."
SAID_NEXT = "I tried it in two rooms first, counted for a month, and then did all twenty."

pytestmark = pytest.mark.timeout(1200)


@pytest.fixture(scope="module")
def provider() -> OpenAIServer:
    """What speaks and recognises speech: the cluster lets it listen, on what is the internet to its pods."""
    return OpenAIServer()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, provider: OpenAIServer) -> Iterator[Cluster]:
    """NATS, Postgres, the pooler, `provision` to its end, and a pod of each service."""
    name = f"parley-pods-{uuid4().hex[:8]}"
    images = {f"parley/{service}:0.1.0": f"{name}-{service}" for service in (*SERVICES, "provision")}
    images |= {"nats:2-alpine": f"{name}-nats", "pgbouncer:1.24.1": f"{name}-pooler"}
    for service in (*SERVICES, "provision"):
        docker("build", "--quiet", "--build-arg", f"SERVICE={service}", "--tag", f"{name}-{service}", str(ROOT))
    for image, text in (("nats", NATS_WITH_A_SHELL), ("pooler", POOLER)):
        command = ["docker", "build", "--quiet", "--tag", f"{name}-{image}", "-"]
        subprocess.run(command, input=text, text=True, check=True, capture_output=True)
    secrets = made_secrets()
    variables = {"postgres": {"POSTGRES_PASSWORD": secrets["parley-postgres"]["POSTGRES_PASSWORD"]}}
    made = Cluster(rendered(K8S / "tests/pods"), secrets, tmp_path_factory.mktemp("pods"), name, images, variables)
    ending = contextlib.ExitStack()
    try:
        made.create_network()
        provider.listens = (made.internet(), 443)
        ending.enter_context(apart(provider))
        variables["speech"] = {"SPEECH_BASE_URL": provider.url, "STT_BASE_URL": provider.url}
        for server in ("nats", "postgres"):
            made.wait_until_ready(made.start(server))
        provisioned = made.start("provision")
        assert docker("wait", provisioned) == "0", docker("logs", "--tail", "30", provisioned, check=False)
        made.wait_until_ready(made.start("pgbouncer"))
        for service in SERVICES:
            made.start(service)
        for service in SERVICES:
            made.wait_until_ready(f"{name}-{service}-0")
        yield made
    finally:
        ending.close()
        made.end()
        docker("image", "rm", *images.values(), check=False)


def made_secrets() -> dict[str, dict[str, str]]:
    """Those that `secrets.sh` prints, and the one of the Postgres of a trial."""
    password = uuid4().hex
    environment = {
        "PATH": "/usr/bin:/bin",
        "DATABASE_OWNER_URL": f"postgresql://postgres:{password}@postgres:5432/parley",
    }
    command = [K8S / "secrets.sh"]
    text = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    found = {each["metadata"]["name"]: each["stringData"] for each in yaml.safe_load_all(text) if each}
    return found | {"parley-postgres": {"POSTGRES_PASSWORD": password}}


def person(cluster: Cluster) -> Person:
    """Somebody at the door, wherever its pod is."""
    return Person(lambda: f"http://{cluster.address(f'{cluster.name}-gateway-0')}:8000")


def test_an_interview_is_held_through_the_pooler_while_pods_are_killed(cluster: Cluster) -> None:
    candidate = person(cluster)
    candidate.begin(questions=3)
    replies = [candidate.say(0)]
    cluster.stop(f"{cluster.name}-session-0", kill=True)
    cluster.wait_until_ready(cluster.start("session"))
    replies.append(candidate.say(1))
    cluster.stop(f"{cluster.name}-interviewer-0", kill=True)
    cluster.wait_until_ready(cluster.start("interviewer"))
    for number in range(2, 8):
        if replies[-1]["response_type"] == "closing":
            break
        replies.append(candidate.say(number))
    assert replies[-1]["response_type"] == "closing"
    history = candidate("GET", "/interview/history")["history"]
    assert [each for each in history if each["role"] == "assistant"][1:] == replies
    until(candidate.has_a_report)


def test_a_spoken_turn_is_heard_and_answered_though_the_pod_that_listens_is_killed(
    cluster: Cluster, provider: OpenAIServer
) -> None:
    candidate, alias = person(cluster), f"int_{uuid4().hex}"
    candidate("POST", f"/session/start/{alias}", {"target_question_count": 3})

    def say(text: str) -> dict[str, Any]:
        recording = wav(silence(0.3) + encode(text) + silence(0.3))
        return dict(candidate.send(f"/session/turn/{alias}", "audio", "blob", recording))

    reply = say(SAID)["interviewer_response"]
    played = urlsplit(reply["audio_url"])
    with urlopen(f"{candidate.address}{played.path}?{played.query}", timeout=30) as sound:
        assert sound.headers["Content-Type"] == "audio/mpeg" and sound.read().endswith(reply["text"].encode())

    provider.transcription = Hang()
    before = len(provider.bodies("/audio/transcriptions"))
    with ThreadPoolExecutor(1) as beside:
        turn = beside.submit(say, SAID_NEXT)
        until(lambda: len(provider.bodies("/audio/transcriptions")) > before)
        provider.transcription = None
        cluster.stop(f"{cluster.name}-speech-0", kill=True)
        cluster.start("speech")
        history = turn.result(60)["session_state"]["conversation_history"]
    assert [each["content"] for each in history if each["role"] == "candidate"] == [SAID, SAID_NEXT]
    cluster.wait_until_ready(f"{cluster.name}-speech-0")


@pytest.mark.parametrize("service", SERVICES)
def test_a_pod_reaches_those_that_its_policies_name_and_nobody_else(
    cluster: Cluster, provider: OpenAIServer, service: str
) -> None:
    internet = provider.listens
    there = {"nats": 4222, "postgres": 5432, "pgbouncer": 6432, "gateway": 8000, "session": 8001}
    wanted = {each for each in there.items() if (service, each[0], str(each[1])) in MAY_TALK}
    wanted |= {internet} if (service, INTERNET, str(internet[1])) in MAY_TALK else set()
    # The pod itself is no neighbour; what listens on the node is one that policies keep from the internet's port.
    neighbours = {each for each in there.items() if each[0] != service} | {internet, (cluster.node, internet[1])}
    with socket.create_server((cluster.node, internet[1])):
        found = docker("exec", f"{cluster.name}-{service}-0", "python", "-c", REACHES, json.dumps(sorted(neighbours)))
    assert {(name, port) for name, port in json.loads(found)} == wanted


def test_a_document_is_read(cluster: Cluster) -> None:
    text = "Anne Miller\n\nExperience\n\nNurse, Example Hospital, 2019 to 2024\n- Led a ward of twelve beds.\n" * 30
    candidate = person(cluster)
    document = candidate.upload(text)
    until(lambda: candidate.has_been_read(document))


@pytest.mark.parametrize("service", SERVICES)
def test_pods_are_confined_and_well_within_their_memory(cluster: Cluster, service: str) -> None:
    name = f"{cluster.name}-{service}-0"
    look = "id -u; grep CapEff /proc/self/status; touch /x 2>/dev/null && echo writable; true"
    told = docker("exec", name, "sh", "-c", look)
    assert told.split()[0] == "10001" and "0000000000000000" in told and "writable" not in told
    assert not cluster.inspect(name)["State"]["OOMKilled"]
    # Secrets are files, and nowhere in the environment.
    environment = docker("exec", name, "env")
    for value in cluster.secrets[f"parley-{service}"].values():
        assert value == service or value not in environment


def test_keda_would_ask_for_more_as_work_waits_and_for_fewer_when_it_is_done(cluster: Cluster) -> None:
    trigger, spec = lag_trigger("interviewer")
    assert (trigger["account"], trigger["stream"], trigger["consumer"]) == ("$G", "EVENTS", "interviewer")
    assert wanted(cluster, trigger, spec) == spec["minReplicaCount"]
    cluster.stop(f"{cluster.name}-interviewer-0")
    for _ in range(3 * int(trigger["lagThreshold"])):
        candidate = person(cluster)
        made = candidate("POST", "/interview/session", {"job_role": "Nurse"})
        publish_start(cluster, made["session_id"])
    seen = lag(cluster)["interviewer"]
    assert seen >= 3 * int(trigger["lagThreshold"])
    assert wanted(cluster, trigger, spec) >= 3
    cluster.wait_until_ready(cluster.start("interviewer"))
    until(lambda: wanted(cluster, trigger, spec) == spec["minReplicaCount"])


@pytest.mark.parametrize("service", SERVICES)
def test_a_pod_ends_by_itself_within_its_grace(cluster: Cluster, service: str) -> None:
    assert cluster.stop(f"{cluster.name}-{service}-0") == 0  # 137 would be the engine's patience


def publish_start(cluster: Cluster, session: str) -> None:
    """Start an interview without waiting for its introduction: there is nobody who would give it."""
    url = f"http://{cluster.address(f'{cluster.name}-gateway-0')}:8000/interview/start"
    request = Request(url, b"{}", {"X-Session-ID": session, "Content-Type": "application/json"})
    with contextlib.suppress(OSError):
        urlopen(request, timeout=0.3)


def lag_trigger(name: str) -> tuple[dict[str, str], dict[str, Any]]:
    production = [each for each in rendered(K8S / "overlays/production") if each["kind"] == "ScaledObject"]
    scaled = next(each for each in production if each["metadata"]["name"] == name)
    triggers = [each["metadata"] for each in scaled["spec"]["triggers"] if each["type"] == "nats-jetstream"]
    return triggers[0], scaled["spec"]


def lag(cluster: Cluster) -> dict[str, int]:
    """From the real monitoring port, which only the pod itself reaches here."""
    network = f"container:{cluster.name}-nats-0"
    found: dict[str, int] = json.loads(
        docker("run", "--rm", "--network", network, "python:3.11-slim", "python3", "-c", LAG)
    )
    return found


def wanted(cluster: Cluster, trigger: dict[str, str], spec: dict[str, Any]) -> int:
    """Replicas, as the autoscaler reckons with a metric of type AverageValue."""
    asked = math.ceil(lag(cluster)[trigger["consumer"]] / int(trigger["lagThreshold"]))
    return int(min(spec["maxReplicaCount"], max(spec["minReplicaCount"], asked)))
