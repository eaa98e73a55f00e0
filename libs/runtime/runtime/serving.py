"""The HTTP server in front of a service's ASGI application."""

from __future__ import annotations

from functools import partial
from typing import Any

import uvicorn

from runtime import stdlog
from runtime.http_protocol import BoundedHttp, BoundedWebSocket, Guard, Limits, networks

WEBSOCKET_BYTES = 1024 * 1024
"""Largest message of a WebSocket."""
KEEP_ALIVE_SECONDS = 75
"""For which a connection without a request stays open: longer than proxies keep theirs, usually 60. Whoever closes
first may be sent a request in the same moment, which is then lost."""


def make_server(
    app: Any, host: str, port: int, *, forwarded_allow_ips: str = "", limits: Limits | None = None
) -> uvicorn.Server:
    """A server that is not running, and leaves signals to the service.

    `forwarded_allow_ips` are addresses and networks of proxies, comma-separated, whose `X-Forwarded-For` and
    `X-Forwarded-Proto` are believed: by default nobody's. Raises ValueError for one that is no address.
    """
    stdlog.install()
    trusted = networks(forwarded_allow_ips)
    guard = Guard(limits or Limits(), trusted)
    http: Any = partial(BoundedHttp, guard=guard)
    websockets: Any = partial(BoundedWebSocket, guard=guard)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=5,
        server_header=False,
        date_header=False,
        loop="none",
        http=http,
        ws=websockets,
        ws_max_size=WEBSOCKET_BYTES,
        forwarded_allow_ips=[str(network) for network in trusted],
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    return server
