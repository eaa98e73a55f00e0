"""The HTTP application: the dialects' routes, errors, and the edge around them."""

from __future__ import annotations

import asyncio

from opentelemetry import trace
from starlette.types import ASGIApp

from gateway.auth import routes as auth
from gateway.container import Application, Container
from gateway.dialects.agent import files as agent_files
from gateway.dialects.agent import routes as agent
from gateway.dialects.agent import speech as agent_speech
from gateway.dialects.interviews import demo, users
from gateway.dialects.interviews import routes as interviews
from gateway.dialects.interviews import sessions as interview_sessions
from gateway.dialects.interviews import sockets as interview_sockets
from gateway.dialects.live_chat import files as live_chat_files
from gateway.dialects.live_chat import routes as live_chat
from gateway.dialects.ours import account, banks, documents, exports, meta, practice, sessions, speech
from gateway.dialects.resume import routes as resume
from gateway.dialects.turns import routes as turns
from gateway.edge import docs, errors
from gateway.edge.headers import with_cors
from gateway.edge.limits import Buckets, RateLimiter
from gateway.edge.metrics import Measures
from gateway.edge.middleware import Edge
from gateway.edge.outages import Outages

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
    agent_files.router,
    agent_speech.router,
    account.router,
    banks.router,
    live_chat.router,
    live_chat_files.router,
    documents.router,
    exports.router,
    practice.router,
    resume.router,
    sessions.router,
    speech.router,
    speech.audio_router,
    turns.router,
    users.router,
    demo.router,
    interview_sessions.router,
    interviews.router,
    interview_sockets.router,
)


RECORDINGS = ("/interviews/session/submit", "/interviews/demo/complete-workflow")
"""Where JSON may hold a recording in base64."""

TAGS = {
    "accounts": "Accounts and logins, under `/auth` and `/api/v1/auth`.",
    "agent": "The agent API: an interview by request and answer. `X-Session-ID` names it.",
    "interviews": "The interviews API: an interview has a number and is created before it starts; accounts and roles.",
    "turns": "The turn API: an interview by form or JSON, under an id of your own.",
    "live chat": "The live chat API: a résumé and a job description, then a conversation over a socket.",
    "resume": "The résumé-grounded API.",
    "ours: account": "Your own account: name, address, password, logins.",
    "ours: sessions": "Interviews of every dialect: pausing, erasing, and their events.",
    "ours: practice": "Working on an interview: other words, corrections, further attempts, the report, progress.",
    "ours: your data": "Everything that is kept about you, to take with you.",
    "ours: documents": "Résumés and job descriptions, and what was found in them.",
    "ours: speech": "What can be spoken here.",
    "ours: question banks": "Your own questions.",
    "ours: service": "What the service says about itself.",
}
"""The dialects, in the order of the documentation."""


def make_app(
    container: Container,
    tracer: trace.Tracer | None = None,
    stopping: asyncio.Event | None = None,
    outages: Outages | None = None,
    buckets: Buckets | None = None,
) -> ASGIApp:
    """The ASGI application. Event streams end once `stopping` is set; `outages` gives requests up,
    `buckets` are where requests are counted: without any there is no limit."""
    settings = container.settings
    app = make_routes("/openapi.json" if settings.docs else None)
    app.container = container
    errors.install(app)
    edge = Edge(
        app,
        max_body=settings.max_body_kb * 1024,
        limiter=RateLimiter(settings.rate_limits, buckets, spares_loopback=not settings.production),
        tracer=tracer,
        subject=container.identity.subject,
        measures=Measures(app),
        recordings=dict.fromkeys(RECORDINGS, settings.max_recorded_body),
        outages=outages,
        stopping=stopping,
    )
    return with_cors(edge, settings.origins, production=settings.production)


def make_routes(description: str | None = None) -> Application:
    """All routes; `description` is where the OpenAPI document is served, with pages that show it."""
    app = Application(
        title="Parley",
        version="0.1.0",
        description=_DESCRIPTION,
        redirect_slashes=False,
        openapi_tags=[{"name": name, "description": words} for name, words in TAGS.items()],
        openapi_url=description,
        docs_url=None,
        redoc_url=None,
        # The edge has a span and measures of its own. FastAPI's would begin a second trace beside it, sampled as the
        # client says, with paths and queries in it: ids of sessions and tickets are keys.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    if description:
        docs.install(app, description)
    for prefix in ("/auth", "/api/v1/auth"):
        app.include_router(auth.router(), prefix=prefix)
    for router in ROUTERS:
        app.include_router(router)
    return app
