"""What the service says about itself, and the routes of services that are not there yet."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from runtime.health import readiness

from gateway.errors import Problem

router = APIRouter(tags=["meta"])
_SPEECH = "Speech is not available on this installation. Interviews by text are."


@router.get("/")
async def root() -> dict[str, str]:
    """What this is."""
    return {"name": "Parley", "message": "Parley is an AI interviewer.", "docs": "/docs", "health": "/health"}


@router.get("/health")
async def health(request: Request) -> JSONResponse:
    """Whether the gateway can do its work: broker and database."""
    checks = await readiness(request.app.state.checks)
    healthy = all(result == "ok" for result in checks.values())
    body = {"status": "healthy" if healthy else "unhealthy", "service": "gateway", "checks": checks}
    return JSONResponse(body, 200 if healthy else 503)


@router.get("/health/live")
async def live() -> dict[str, str]:
    """The process answers."""
    return {"service": "gateway"}


@router.get("/health/ready")
async def ready(request: Request) -> JSONResponse:
    """The same as `/health`, where the other services have it."""
    return await health(request)


@router.get("/metrics")
async def metrics() -> Response:
    """Prometheus."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _no_speech() -> Any:
    raise Problem(503, _SPEECH)


for _prefix in ("/api", "/speech"):
    router.post(f"{_prefix}/speech-to-text")(_no_speech)
    router.get(f"{_prefix}/speech-to-text/status/{{task_id}}")(_no_speech)
    router.post(f"{_prefix}/text-to-speech")(_no_speech)
    router.post(f"{_prefix}/text-to-speech/stream")(_no_speech)
router.get("/speech/task/{task_id}")(_no_speech)
