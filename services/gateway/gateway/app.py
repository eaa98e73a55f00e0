"""The HTTP application: the dialects' routes, errors, and the edge around them."""

from __future__ import annotations

import asyncio

from opentelemetry import trace
from starlette.types import ASGIApp

from gateway.auth import routes as auth
from gateway.container import Application, Container
from gateway.dialects.agent import routes as agent
from gateway.dialects.live_chat import routes as live_chat
from gateway.dialects.ours import banks, documents, meta, practice, sessions
from gateway.dialects.resume import routes as resume
from gateway.edge import docs, errors
from gateway.edge.headers import with_cors
from gateway.edge.limits import RateLimiter
from gateway.edge.metrics import Measures
from gateway.edge.middleware import Edge

_DESCRIPTION = """\
An open AI interviewer.

**Repeats.** `Idempotency-Key` on a request that changes something makes its repeat get the same answer; the same key
with another body is 409. Keys are the caller's own. Without an account they count within an interview, whose id nobody
else knows; to create an interview or a document, they count only if they are random UUIDs (version 4 or 7), since two
strangers behind one proxy would share any other key.
"""


ROUTERS = (
    meta.router,
    agent.router,
    banks.router,
    live_chat.router,
    documents.router,
    practice.router,
    resume.router,
    sessions.router,
)


def make_app(
    container: Container, tracer: trace.Tracer | None = None, stopping: asyncio.Event | None = None
) -> ASGIApp:
    """The ASGI application. Event streams end once `stopping` is set."""
    settings = container.settings
    description = "/openapi.json" if settings.docs else None
    app = Application(
        title="Parley",
        version="0.1.0",
        description=_DESCRIPTION,
        redirect_slashes=False,
        openapi_url=description,
        docs_url=None,
        redoc_url=None,
    )
    app.container = container
    if description:
        docs.install(app, description)
    errors.install(app)
    for prefix in ("/auth", "/api/v1/auth"):
        app.include_router(auth.router(), prefix=prefix)
    for router in ROUTERS:
        app.include_router(router)
    edge = Edge(
        app,
        max_body=settings.max_body_kb * 1024,
        limiter=RateLimiter(settings.rate_limits),
        tracer=tracer,
        subject=container.identity.subject,
        measures=Measures(app),
        stopping=stopping,
    )
    return with_cors(edge, settings.origins, production=settings.production)
