"""The HTTP server in front of a service's ASGI application."""

from __future__ import annotations

from typing import Any

import uvicorn

WEBSOCKET_BYTES = 1024 * 1024
"""Largest message of a WebSocket."""


def make_server(app: Any, host: str, port: int) -> uvicorn.Server:
    """A server that is not running, and leaves signals to the service."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=5,
        server_header=False,
        date_header=False,
        loop="none",
        ws_max_size=WEBSOCKET_BYTES,
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    return server
