"""What the service says about itself, and the routes of services that are not there yet."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from gateway.container import container_of
from gateway.edge.errors import NOTHING_HERE
from gateway.problems import Problem

router = APIRouter(tags=["meta"])
_SPEECH = "Speech is not available on this installation. Interviews by text are."


@router.get("/")
async def root(request: Request) -> dict[str, str]:
    """What this is."""
    docs = {"docs": "/docs"} if container_of(request).settings.docs else {}
    return {"name": "Parley", "message": "Parley is an AI interviewer.", **docs, "health": "/health"}


@router.get("/health")
async def health(request: Request) -> JSONResponse:
    """Whether a turn would succeed now. In production a status and nothing more: what is behind it is not public."""
    status, body = _probed(request, "/health")
    if container_of(request).settings.production:
        body = {"status": body["status"]}
    return JSONResponse(body, status)


@router.get("/health/live")
async def live(request: Request) -> JSONResponse:
    """The process answers."""
    return _only_in_development(request, "/health/live")


@router.get("/health/ready")
async def ready(request: Request) -> JSONResponse:
    """The gateway can answer sensibly, if only with a sentence about what is away."""
    return _only_in_development(request, "/health/ready")


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Prometheus. In production on the port for probes only."""
    _not_in_production(request)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


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


async def _no_speech() -> Any:
    raise Problem(503, _SPEECH)


for _prefix in ("/api", "/speech"):
    router.post(f"{_prefix}/speech-to-text")(_no_speech)
    router.get(f"{_prefix}/speech-to-text/status/{{task_id}}")(_no_speech)
    router.post(f"{_prefix}/text-to-speech")(_no_speech)
    router.post(f"{_prefix}/text-to-speech/stream")(_no_speech)
router.get("/speech/task/{task_id}")(_no_speech)
