"""What the service says about itself."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from runtime.telemetry import OPENMETRICS, exposition

from gateway.container import container_of
from gateway.edge.errors import NOTHING_HERE
from gateway.edge.operations import dialect_router, errors
from gateway.problems import Problem


class About(BaseModel):
    """What this is, and where to go on; `docs` only where the documentation is served."""

    name: str
    message: str
    docs: str | None = None
    health: str


class Health(BaseModel):
    """Whether all is well; in production without what was looked at."""

    status: str
    service: str | None = None
    checks: dict[str, str] | None = None


class Probe(BaseModel):
    """What a probe of the process says, and what it looked at."""

    service: str
    checks: dict[str, str] | None = None


router = dialect_router(tag="ours: service")
_UNHEALTHY: dict[int | str, dict[str, Any]] = {503: {"model": Health, "description": "Something is away."}}
_NOT_READY: dict[int | str, dict[str, Any]] = {503: {"model": Probe, "description": "Something is away."}}
_TEXT: dict[str, Any] = {"schema": {"type": "string"}}
_METRICS: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": _TEXT, OPENMETRICS: _TEXT}}}


@router.get("/", response_model_exclude_none=True)
async def root(request: Request) -> About:
    """Ask what this is."""
    docs = "/docs" if container_of(request).settings.docs else None
    return About(name="Parley", message="Parley is an AI interviewer.", docs=docs, health="/health")


@router.get("/health", response_model=Health, responses=_UNHEALTHY)
async def health(request: Request) -> JSONResponse:
    """Ask whether a turn would succeed now. In production the answer is a status and nothing more: what is behind it is
    not public."""
    status, body = _probed(request, "/health")
    if container_of(request).settings.production:
        body = {"status": body["status"]}
    return JSONResponse(body, status)


@router.get("/health/live", response_model=Probe, responses={**errors(404), **_NOT_READY})
async def live(request: Request) -> JSONResponse:
    """Ask whether the process answers. Not in production, where the port for probes says it."""
    return _only_in_development(request, "/health/live")


@router.get("/health/ready", response_model=Probe, responses={**errors(404), **_NOT_READY})
async def ready(request: Request) -> JSONResponse:
    """Ask whether the gateway can answer sensibly, if only with a sentence about what is away. Not in production."""
    return _only_in_development(request, "/health/ready")


@router.get("/metrics", response_class=Response, responses={**errors(404), **_METRICS})
async def metrics(request: Request) -> Response:
    """Read the metrics, for Prometheus; in OpenMetrics, with the traces of what took long, where `Accept` names it. In
    production they are on the port for probes only."""
    _not_in_production(request)
    body, content_type = exposition(",".join(request.headers.getlist("accept")))
    return Response(body, media_type=content_type)


def _probed(request: Request, path: str) -> tuple[int, dict[str, Any]]:
    found = container_of(request).probes(path)
    assert found is not None
    return found


def _only_in_development(request: Request, path: str) -> JSONResponse:
    _not_in_production(request)
    status, body = _probed(request, path)
    return JSONResponse(body, status)


def _not_in_production(request: Request) -> None:
    if container_of(request).settings.production:
        raise Problem(404, NOTHING_HERE)
