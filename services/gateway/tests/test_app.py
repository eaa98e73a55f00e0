"""The application around use cases that are played: what renews the idle time, what health says, what fails."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import nats.errors
import pytest
from contracts.session.asks import SessionStatus
from gateway.app import make_app
from gateway.container import Container
from gateway.problems import NoSuchSession, Problem
from gateway.settings import GatewaySettings
from prometheus_client import generate_latest

SESSION_ID = UUID(int=7)
HEADERS = {"X-Session-ID": str(SESSION_ID), "Origin": "https://app.example.com"}


@dataclass
class Played:
    """Use cases, activity and checks in one; `error` is what every use case ends in."""

    error: Exception | None = None
    touched: list[UUID] = field(default_factory=list)
    healthy: bool = True

    async def touch(self, session_id: UUID) -> None:
        self.touched.append(session_id)

    async def idle_seconds(self, session_id: UUID) -> float:
        return 30 * 60

    async def must_exist(self, caller: Any, session_id: UUID) -> SessionStatus:
        if self.error:
            raise self.error
        return SessionStatus(status="active", version=3)

    async def reset(self, caller: Any, session_id: UUID) -> None:
        await self.must_exist(caller, session_id)

    async def pause(self, caller: Any, session_id: UUID) -> None:
        await self.must_exist(caller, session_id)

    def probe(self, path: str) -> tuple[int, dict[str, Any]] | None:
        status, result = ("healthy", "ok") if self.healthy else ("unhealthy", "ConnectionError")
        return (200 if self.healthy else 503), {"status": status, "checks": {"broker": result}}


@pytest.fixture
def played() -> Played:
    return Played()


@pytest.fixture
def app_of(played: Played, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes the application with settings from this environment."""
    for name in GatewaySettings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)

    def made(**environment: str) -> Any:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        use: Any = played
        nobody: Any = SimpleNamespace(subject=None)
        container = Container(
            settings=GatewaySettings(), identity=nobody, tickets=nobody, accounts=nobody, account_deletion=nobody,
        own_logins=nobody,
            interviews=use, queries=use,
            configuring=nobody, judgements=nobody,
            documents=nobody, named=nobody, numbered=nobody,
        demonstrations=nobody, session_tokens=nobody, speech=nobody, audio_links=nobody, sockets=nobody,
        speech_tasks=nobody, listener=nobody,
        banks=nobody, subscriptions=nobody, activity=use, probes=played.probe,
        )  # fmt: skip
        return make_app(container)

    return made


@pytest.fixture
def app(app_of: Any) -> Any:
    return app_of()


CALLS = [
    ("POST", "/interview/session/ping"),
    ("POST", "/interview/reset"),
    ("POST", f"/api/v1/sessions/{SESSION_ID}/pause"),
]


@pytest.mark.parametrize(("method", "path"), CALLS)
async def test_a_call_renews_the_idle_time(call: Any, app: Any, played: Played, method: str, path: str) -> None:
    assert (await call(app, method, path, headers=HEADERS)).status == 200
    assert played.touched == [SESSION_ID]


@pytest.mark.parametrize(("method", "path"), CALLS)
async def test_a_strangers_does_not(call: Any, app: Any, played: Played, method: str, path: str) -> None:
    played.error = NoSuchSession()
    assert (await call(app, method, path, headers=HEADERS)).status == 404
    assert played.touched == []


async def test_nor_does_asking_for_it(call: Any, app: Any, played: Played) -> None:
    answered = await call(app, "GET", "/interview/session/time-remaining", headers=HEADERS)
    assert answered.json == {"time_remaining_minutes": 30.0, "session_active": True}
    assert played.touched == []


async def test_nor_does_a_cleanup(call: Any, app: Any, played: Played) -> None:
    assert (await call(app, "POST", "/interview/session/cleanup", headers=HEADERS)).status == 200
    assert played.touched == []


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Problem(409, "Not now."), 409),
        (nats.errors.TimeoutError(), 503),
        (RuntimeError("the candidate's own words"), 500),
    ],
)
async def test_every_failure_carries_the_cors_headers(
    call: Any, app: Any, played: Played, error: Exception, status: int
) -> None:
    played.error = error
    answered = await call(app, "POST", "/interview/reset", headers=HEADERS)
    assert answered.status == status
    assert list(answered.json) == ["detail"] and "own words" not in answered.body.decode()
    assert answered.headers["access-control-allow-origin"] == "*"
    assert "Retry-After" in answered.headers["access-control-expose-headers"]
    assert answered.headers["x-request-id"]


async def test_health_is_json_with_200_and_with_503(call: Any, app: Any, played: Played) -> None:
    well = await call(app, "GET", "/health")
    assert (well.status, well.json["status"], well.json["checks"]) == (200, "healthy", {"broker": "ok"})
    played.healthy = False
    ill = await call(app, "GET", "/health")
    assert (ill.status, ill.json["status"]) == (503, "unhealthy")
    assert ill.json["checks"] == {"broker": "ConnectionError"}


async def test_in_production_the_public_port_tells_a_status_and_nothing_more(
    call: Any, app_of: Any, played: Played
) -> None:
    app = app_of(ENV="production")
    assert (await call(app, "GET", "/health")).json == {"status": "healthy"}
    played.healthy = False
    ill = await call(app, "GET", "/health")
    assert (ill.status, ill.json) == (503, {"status": "unhealthy"})
    for path in ("/metrics", "/health/ready", "/health/live", "/docs", "/redoc", "/openapi.json"):
        assert (await call(app, "GET", path)).status == 404, path


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_the_documentation_needs_nobody_elses_host(call: Any, app: Any, path: str) -> None:
    page = await call(app, "GET", path)
    addresses = re.findall(r"(?:src|href)=\"([^\"]+)\"", page.body.decode())
    assert len(addresses) >= 2 and all(address.startswith("/docs/assets/") for address in addresses)
    for address in addresses:
        assert (await call(app, "GET", address)).status == 200
    assert b"://" not in page.body.replace(b"http://www.w3.org", b"")
    assert "default-src 'self'" in page.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/docs/assets/swagger-ui-bundle.js"])
async def test_in_production_there_is_none(call: Any, app_of: Any, path: str) -> None:
    assert (await call(app_of(ENV="production"), "GET", path)).status == 404
    assert (await call(app_of(ENV="production", API_DOCS="true"), "GET", path)).status == 200


async def test_every_route_counts_from_nought(app: Any) -> None:
    measured = generate_latest().decode()
    for route in ("/interview/message", "/api/v1/sessions/{session_id}/pause", "/api/v1/auth/login"):
        assert f'parley_http_seconds_count{{method="POST",route="{route}",status="200"}}' in measured
        assert f'parley_http_failures_total{{route="{route}"}}' in measured


@pytest.mark.parametrize(
    ("accept", "kind"),
    [("application/openmetrics-text;version=1.0.0", "application/openmetrics-text"), ("*/*", "text/plain")],
)
async def test_metrics_come_in_the_format_that_is_asked_for(call: Any, app: Any, accept: str, kind: str) -> None:
    told = await call(app, "GET", "/metrics", b"", {"Accept": accept})
    assert told.headers["content-type"].partition(";")[0] == kind
    assert b"parley_http_seconds_count" in told.body and told.body.endswith(b"# EOF\n") == (kind != "text/plain")


async def test_the_documentation_describes_every_route(call: Any, app: Any) -> None:
    paths = (await call(app, "GET", "/openapi.json")).json["paths"]
    assert {"/auth/login", "/interview/message", "/api/v1/sessions/{session_id}/events", "/api/v1/tickets"} <= set(
        paths
    )
    assert (await call(app, "GET", "/docs/")).status == 200
