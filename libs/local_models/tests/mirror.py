"""A mirror of models on this machine, with the misbehaviour of networks, and small models to fetch from it."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

from aiohttp import web
from local_models.manifest import Manifest

EAR, VOICE = random.Random(1).randbytes(600_000), random.Random(2).randbytes(50_000)
FILES = {
    "/ear/r1/model.bin": EAR,
    "/ear/r1/words/list.txt": b"one two three",
    "/voice/r1/voice.onnx": VOICE,
}


def known(**changes: Any) -> Manifest:
    """Two models whose files the mirror has; `changes` are of the file `model.bin`."""
    model = {"path": "model.bin", "bytes": len(EAR), "sha256": hashlib.sha256(EAR).hexdigest()} | changes
    words = {"path": "words/list.txt", "bytes": 13, "sha256": hashlib.sha256(b"one two three").hexdigest()}
    voice = {"path": "voice.onnx", "bytes": len(VOICE), "sha256": hashlib.sha256(VOICE).hexdigest()}
    return Manifest.model_validate(
        {
            "model": [
                _model("ear", "stt", [model, words], default=True),
                _model("voice", "tts", [voice], default=True),
                _model("other-voice", "tts", [voice]),
            ]
        }
    )


def _model(name: str, kind: str, files: list[Any], *, default: bool = False) -> dict[str, Any]:
    return {
        "id": name,
        "kind": kind,
        "default": default,
        "revision": "r1",
        "home": "https://example.org",
        "base": "https://example.invalid/",
        "licence": "MIT",
        "attribution": f"The makers of {name}",
        "files": files,
    }


@dataclass
class Mirror:
    """`cuts` are after how many bytes of the body the next answers break off; one of None does not. `held` is set once
    an answer waits in its middle for `go_on`."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=lambda: dict(FILES))
    cuts: list[int | None] = field(default_factory=list)
    hold: bool = False
    validates: bool = True
    redirect: str = ""
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    """Path, `Range` and `If-Range` of each request."""
    held: Event = field(default_factory=Event)
    go_on: Event = field(default_factory=Event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.path, request.headers.get("Range", ""), request.headers.get("If-Range", "")))
        if self.redirect:
            raise web.HTTPFound(self.redirect)
        if request.path not in self.files:
            raise web.HTTPNotFound
        body, begin = self.files[request.path], 0
        etag = f'"{hashlib.md5(body).hexdigest()}"'
        wanted, condition = request.headers.get("Range", ""), request.headers.get("If-Range", etag)
        if wanted and condition == etag:
            begin = int(wanted.removeprefix("bytes=").removesuffix("-"))
        response = web.StreamResponse(status=206 if begin else 200)
        if self.validates:
            response.headers["ETag"] = etag
        if begin:
            response.headers["Content-Range"] = f"bytes {begin}-{len(body) - 1}/{len(body)}"
        response.content_length = len(body) - begin
        await response.prepare(request)
        await self._send(request, response, body[begin:])
        return response

    async def _send(self, request: web.Request, response: web.StreamResponse, body: bytes) -> None:
        cut = self.cuts.pop(0) if self.cuts else None
        if self.hold:
            await response.write(body[:300_000])
            self.held.set()
            await asyncio.to_thread(self.go_on.wait, 60)
            body = body[300_000:]
        await response.write(body if cut is None else body[:cut])
        if cut is not None and request.transport:
            request.transport.close()


@contextmanager
def running() -> Iterator[Mirror]:
    """A mirror in a thread of its own: those who ask block."""
    mirror, loop, started = Mirror(), asyncio.new_event_loop(), Event()

    async def serve() -> web.AppRunner:
        app = web.Application()
        app.router.add_get("/{path:.*}", mirror.answer)
        runner = web.AppRunner(app, shutdown_timeout=0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        mirror.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    def run() -> None:
        asyncio.set_event_loop(loop)
        runner = loop.run_until_complete(serve())
        started.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = Thread(target=run)
    thread.start()
    started.wait(10)
    try:
        yield mirror
    finally:
        mirror.go_on.set()
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
