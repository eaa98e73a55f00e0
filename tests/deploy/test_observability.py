"""Rules, alerts and dashboards: that Prometheus takes them, that they ring when they should, and that what they look at
is there."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode

import pytest
import yaml
from devkit.embedded.process import free_port
from devkit.fake_openai import OpenAIServer, Reply
from devkit.fake_server import apart
from devkit.stack import Stack
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from evals.actor import Actor
from tests.person import Person, until
from tools import dashboards
from tools.paths import ROOT

OBSERVABILITY = ROOT / "deploy/observability"
RULES = OBSERVABILITY / "rules"
STORIES = Path(__file__).parent / "rules"
SERVICES = ("gateway", "session", "interviewer", "coach", "documents", "speech")


@pytest.fixture(scope="module")
def promtool() -> str:
    """Prometheus's own checker. It has to be there in CI; elsewhere it is said what is missing."""
    found = shutil.which("promtool")
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("there is no promtool: apt-get install prometheus")
    assert found
    return found


@pytest.fixture(scope="module")
def amtool() -> str:
    """The same of Alertmanager."""
    found = shutil.which("amtool")
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no amtool: apt-get install prometheus-alertmanager")
    assert found
    return found


def run(*command: str | Path, cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def expressions() -> dict[str, str]:
    """Every query of every dashboard and of every rule, by where it stands."""
    found = {}
    for name, (_, panels) in dashboards.DASHBOARDS.items():
        for panel in panels:
            for line, query in panel.queries.items():
                found[f"{name}: {panel.title}: {line}"] = query.replace(dashboards.RATE, "5m")
    for path in RULES.glob("*.yml"):
        for group in yaml.safe_load(path.read_text())["groups"]:
            for rule in group["rules"]:
                found[rule.get("alert") or rule["record"]] = rule["expr"]
    return found


def alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load((RULES / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def test_prometheus_takes_rules_and_configuration(promtool: str, tmp_path: Path) -> None:
    run(promtool, "check", "rules", "--lint=all", "--lint-fatal", *RULES.glob("*.yml"), cwd=tmp_path)
    run(promtool, "check", "config", "--syntax-only", OBSERVABILITY / "prometheus.yml", cwd=tmp_path)


def test_alertmanager_takes_its_configuration(amtool: str, tmp_path: Path) -> None:
    run(amtool, "check-config", OBSERVABILITY / "alertmanager.yml", cwd=tmp_path)


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: str(rule["alert"]))
def test_a_page_wakes_somebody_and_a_ticket_waits(amtool: str, rule: dict[str, Any], tmp_path: Path) -> None:
    """With the labels that each alert has and none that only this test gives it."""
    labels = [f"{name}={value}" for name, value in ({"alertname": rule["alert"]} | rule["labels"]).items()]
    receiver = {"page": "pages", "ticket": "tickets"}[rule["labels"]["severity"]]
    configuration = f"--config.file={OBSERVABILITY / 'alertmanager.yml'}"
    run(amtool, "config", "routes", "test", configuration, f"--verify.receivers={receiver}", *labels, cwd=tmp_path)


@pytest.mark.parametrize("story", sorted(STORIES.glob("*.yml")), ids=lambda path: path.stem)
def test_alerts_ring_when_they_should_and_not_otherwise(promtool: str, story: Path, tmp_path: Path) -> None:
    for path in (*RULES.glob("*.yml"), story):
        shutil.copy(path, tmp_path)
    run(promtool, "test", "rules", story.name, cwd=tmp_path)


def test_every_alert_is_in_a_story() -> None:
    told = "".join(path.read_text() for path in STORIES.glob("*.yml"))
    assert [rule["alert"] for rule in alerts() if rule["alert"] not in told] == []


def test_every_alert_has_its_section_in_the_operations_page() -> None:
    page = (ROOT / "docs/operations.md").read_text()
    headings = set(re.findall(r"^#+ (\w+)$", page, re.MULTILINE))
    for rule in alerts():
        file, _, anchor = rule["annotations"]["runbook_url"].partition("#")
        assert (ROOT / file).is_file() and anchor == rule["alert"].lower()
        assert rule["alert"] in headings
        assert rule["labels"]["severity"] in {"page", "ticket"}


def test_dashboards_are_what_the_code_says_and_prometheus_parses_each_query(promtool: str, tmp_path: Path) -> None:
    for name in dashboards.DASHBOARDS:
        assert (dashboards.FOLDER / f"{name}.json").read_text() == dashboards.written(name), dashboards.WRITE
    rules = [{"record": f"query:{number}", "expr": query} for number, query in enumerate(expressions().values())]
    (tmp_path / "queries.yml").write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
    run(promtool, "check", "rules", "queries.yml", cwd=tmp_path)


@dataclass(frozen=True)
class Scraped:
    """A Prometheus that has scraped a Parley in which a model held an interview and a document was read: its address,
    and the ids of the traces that were exported until now."""

    address: str
    traces: set[str]


@contextmanager
def collector() -> Iterator[tuple[str, set[str]]]:
    """Takes spans by OTLP: its address, and the ids of their traces."""
    traces: set[str] = set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
            spans = (span for each in sent.resource_spans for scope in each.scope_spans for span in scope.spans)
            traces.update(span.trace_id.hex() for span in spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", traces
        server.shutdown()


@pytest.fixture(scope="module")
def scraped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scraped]:
    """The same, for the tests of this module."""
    server = shutil.which("prometheus")
    if server is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("there is no prometheus: apt-get install prometheus")
    assert server
    folder = tmp_path_factory.mktemp("prometheus")
    prices = '{"gpt-4o": [2.5, 10], "gpt-4o-mini": [0.15, 0.6]}'
    with apart(OpenAIServer()) as model, collector() as (endpoint, traces):
        model.default = Reply(Actor())
        environment = {"LOG_LEVEL": "ERROR", "MODEL_PRICES": prices, "OPENAI_BASE_URL": model.url}
        environment |= {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "TRACE_SAMPLE_RATIO": "1"}
        with Stack(folder / "parley", environment) as stack, scraping(server, stack, folder) as address:
            yield Scraped(address, traces)


@contextmanager
def scraping(server: str, stack: Stack, folder: Path) -> Iterator[str]:
    """The address of a Prometheus beside a stack, run as compose runs it."""
    candidate = Person(stack.url)
    candidate.begin(3, answers=3)
    candidate("POST", "/interview/end", {})
    document = candidate.upload("Anne Miller\n\nExperience\n\nNurse, Example Hospital, 2019 to 2024\n")
    until(lambda: candidate.has_been_read(document))
    environments = [dict(child.environ()) for child in stack.processes() if "HEALTH_PORT" in child.environ()]
    ports = {int(each["HEALTH_PORT"]) for each in environments}
    targets = [f"127.0.0.1:{port}" for port in sorted(ports) if answers(port)]
    assert len(targets) == len(SERVICES)
    port = free_port()
    configuration = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(RULES / "*.yml")],
        "scrape_configs": [{"job_name": "parley", "static_configs": [{"targets": targets}]}],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(configuration))
    paths = {"--config.file": folder / "prometheus.yml", "--storage.tsdb.path": folder / "data"}
    own = {name: f"{name}={path}" for name, path in paths.items()}
    options = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["prometheus"]["command"]
    command = [server, *(own.get(option.partition("=")[0], option) for option in options)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*command, f"--web.listen-address=127.0.0.1:{port}"], stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            until(lambda: asked(address, "count(up == 1)") == [len(SERVICES)])
            until(lambda: asked(address, "count(parley:replies_wrong:ratio_rate5m)") == [1])
            yield address
        finally:
            process.terminate()
            process.wait(20)


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as response:
            return response.status == 200
    except OSError:
        return False


def asked(address: str, query: str) -> list[float]:
    return [float(each["value"][1]) for each in told(address, "query", query=query)["result"]]


def told(address: str, of: str, **parameters: str | float) -> Any:
    """What Prometheus answers."""
    with urllib.request.urlopen(f"{address}/api/v1/{of}?{urlencode(parameters)}", timeout=10) as response:
        return json.load(response)["data"]


def test_every_metric_of_rules_and_dashboards_is_there(scraped: Scraped) -> None:
    named = re.compile(r"\b(?:parley[:_]\w[\w:]*|process_\w+)")
    wanted = {metric: place for place, query in expressions().items() for metric in named.findall(query)}

    def missing() -> dict[str, str]:
        there = set(told(scraped.address, "label/__name__/values"))
        return {metric: place for metric, place in wanted.items() if metric not in there}

    with contextlib.suppress(AssertionError):  # rules are reckoned one group after the other
        until(lambda: not missing(), seconds=20)
    assert missing() == {}
    labelled = [
        'parley_reply_seconds_bucket{result="ok", le="10.0"}',
        'parley_feedback_seconds_bucket{le="30.0"}',
        'parley_report_seconds_bucket{le="35.0"}',
        'parley_transcript_seconds_bucket{le="30.0"}',
        'parley_document_seconds_bucket{le="60.0"}',
        'parley_database_connections{state="most"}',
        'parley_timers_overdue{kind="reply"}',
        'parley_dead_letters_total{durable="coach"}',
        'parley_model_calls_total{outcome="timeout"}',
    ]
    assert [each for each in labelled if not asked(scraped.address, each)] == []


def test_an_interview_is_seen_in_them(scraped: Scraped) -> None:
    def counted(name: str) -> float:
        return asked(scraped.address, f'sum(parley_{name}_seconds_count{{result="ok"}})')[0]

    assert counted("reply") >= 4
    until(lambda: counted("feedback") >= 3)
    until(lambda: counted("report") >= 1)
    assert asked(scraped.address, 'count(ALERTS{alertstate="firing", severity="page"})') == []


def test_what_took_long_leads_to_its_trace(scraped: Scraped) -> None:
    def of(name: str, labels: str = "") -> set[str]:
        """Ids of the traces that a measure leads to."""
        query, now = f"parley_{name}_seconds_bucket{{{labels}}}", time.time()
        found = told(scraped.address, "query_exemplars", query=query, start=now - 600, end=now)
        return {each["labels"]["trace_id"] for series in found for each in series["exemplars"]}

    for name in ("http", "reply", "feedback", "report", "document"):
        until(lambda name=name: bool(of(name)))  # type: ignore[misc]
        until(lambda name=name: of(name) <= scraped.traces)  # type: ignore[misc]
    # From a slow answer somebody gets to the reply that it waited for, in one trace.
    assert of("http", 'route="/interview/message"') & of("reply")
