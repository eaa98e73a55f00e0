"""The HTTP application: routes, errors, and the door in front of them."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import FastAPI
from opentelemetry import trace
from runtime.health import Probes

from gateway import docs, errors
from gateway.activity import Activity
from gateway.banks.store import Banks
from gateway.cors import with_cors
from gateway.documents.library import Documents
from gateway.door import Door
from gateway.feed import Feed
from gateway.identity import deps
from gateway.identity.router import router as identity_router
from gateway.identity.service import IdentityService
from gateway.interviews import Interviews
from gateway.measures import Measures
from gateway.rates import RateLimiter
from gateway.routes import agent, chat, documents, meta, practice, resume_interview, sessions
from gateway.routes import banks as bank_routes
from gateway.settings import GatewaySettings
from gateway.sockets import OpenSockets
from gateway.tickets import Tickets

_DESCRIPTION = """\
An open AI interviewer.

**Repeats.** `Idempotency-Key` on a request that changes something makes its repeat get the same answer; the same key
with another body is 409. Keys are the caller's own. Without an account they count within an interview, whose id nobody
else knows; to create an interview or a document, they count only if they are random UUIDs (version 4 or 7), since two
strangers behind one proxy would share any other key.
"""


def make_app(
    settings: GatewaySettings,
    identity: IdentityService,
    interviews: Interviews,
    feed: Feed,
    activity: Activity,
    tickets: Tickets,
    probe: Probes,
    tracer: trace.Tracer | None,
    banks: Banks,
    library: Documents,
    stopping: asyncio.Event | None = None,
) -> Any:
    """The ASGI application. Event streams end once `stopping` is set."""
    description = "/openapi.json" if settings.docs else None
    app = FastAPI(
        title="Parley",
        version="0.1.0",
        description=_DESCRIPTION,
        redirect_slashes=False,
        openapi_url=description,
        docs_url=None,
        redoc_url=None,
    )
    if description:
        docs.install(app, description)
    app.state.settings = settings
    app.state.interviews = interviews
    app.state.feed = feed
    app.state.activity = activity
    app.state.tickets = tickets
    app.state.banks = banks
    app.state.documents = library
    app.state.probe = probe
    app.state.sockets = OpenSockets()
    deps.install(app, identity)
    errors.install(app)
    for prefix in ("/auth", "/api/v1/auth"):
        app.include_router(identity_router(), prefix=prefix)
    for module in (meta, agent, bank_routes, chat, documents, practice, resume_interview, sessions):
        app.include_router(module.router)
    door = Door(
        app,
        max_body=settings.max_body_kb * 1024,
        limiter=RateLimiter(settings.rate_limits),
        tracer=tracer,
        subject=lambda token: identity.subject(token),
        measures=Measures(app),
        stopping=stopping,
    )
    return with_cors(door, settings.origins, production=settings.production)
