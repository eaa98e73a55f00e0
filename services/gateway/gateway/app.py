"""The HTTP application: routes, errors, and the door in front of them."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from opentelemetry import trace
from runtime.health import Probes

from gateway import errors
from gateway.activity import Activity
from gateway.banks.store import Banks
from gateway.documents.library import Documents
from gateway.door import Door, RateLimiter, with_cors
from gateway.feed import Feed
from gateway.identity import deps
from gateway.identity.router import router as identity_router
from gateway.identity.service import IdentityService
from gateway.interviews import Interviews
from gateway.routes import agent, chat, documents, meta, practice, resume_interview, sessions
from gateway.routes import banks as bank_routes
from gateway.settings import GatewaySettings
from gateway.tickets import Tickets


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
) -> Any:
    """The ASGI application."""
    app = FastAPI(title="Parley", version="0.1.0", redirect_slashes=False)
    app.state.settings = settings
    app.state.interviews = interviews
    app.state.feed = feed
    app.state.activity = activity
    app.state.tickets = tickets
    app.state.banks = banks
    app.state.documents = library
    app.state.probe = probe
    deps.install(app, identity)
    errors.install(app)
    for prefix in ("/auth", "/api/v1/auth"):
        app.include_router(identity_router(), prefix=prefix)
    for module in (meta, agent, bank_routes, chat, documents, practice, resume_interview, sessions):
        app.include_router(module.router)
    door = Door(app, max_body=settings.max_body_kb * 1024, limiter=RateLimiter(settings.rate_limits), tracer=tracer)
    return with_cors(door, settings.origins)
