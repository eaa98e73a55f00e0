"""The server, and what it can be told to do."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import WSMsgType, web

from devkit.fake_deepgram import wire
from devkit.fake_deepgram.listening import Listening
from devkit.fake_server import Cut, FakeServer, Hang, Received, Slow, Status, Trouble, abort
from devkit.spoken_code import decode, encode, unwav


@dataclass(frozen=True)
class Garbled:
    """Sends a message that is not JSON after so many seconds of audio."""

    after: float = 0.0


@dataclass(frozen=True)
class Silent:
    """Takes all that is sent, and says nothing."""


@dataclass(frozen=True)
class Refusing:
    """Sends an error message after so many seconds of audio."""

    after: float = 0.0


@dataclass(frozen=True)
class Stuck:
    """Opens the stream, and takes nothing."""


Misbehaviour = Trouble | Garbled | Refusing | Silent | Stuck


class DeepgramServer(FakeServer):
    """`async with DeepgramServer() as server:` answers at `server.url`, on a free port of 127.0.0.1.

    Words are recognised, and spoken, by `devkit.spoken_code`; those in `confidences` with that confidence. `listen` is
    what befalls recordings, `speak` what befalls texts; bytes are sent in place of the answer. Streams take the next
    trouble of `streams`, and none when there is none.
    """

    def __init__(self) -> None:
        super().__init__()
        self.listen: Trouble | bytes | None = None
        self.speak: Trouble | bytes | None = None
        self.streams: deque[Misbehaviour | None] = deque()
        self.confidences: dict[str, float] = {}
        self.detects = "en"
        """The language of recordings, where it is asked for."""
        self.came = asyncio.Condition()
        """Notified of each message of a stream."""

    async def until_sent(self, message: str, times: int = 1) -> None:
        """Wait until the last stream brought a message so many times."""
        async with self.came:
            await self.came.wait_for(lambda: self.received[-1].messages.count(message) >= times)

    async def _answer(self, request: web.Request, received: Received) -> web.StreamResponse:
        if received.path == "/listen":
            if request.method == "GET":
                return await self._stream(request, received)
            return await self._either(request, self.listen, lambda: self._heard(received))
        if received.path == "/speak":
            return await self._either(request, self.speak, lambda: _spoken(received))
        return self._refusal(Status(404))

    async def _either(
        self, request: web.Request, told: Trouble | bytes | None, answer: Callable[[], web.Response]
    ) -> web.StreamResponse:
        if isinstance(told, bytes):
            return web.Response(body=told, content_type="application/json")
        return await self._troubled(request, told, answer())

    def _refusal(self, status: Status) -> web.StreamResponse:
        body = wire.error_body(status.status) if status.body is None else status.body
        return web.json_response(body, status=status.status, headers=status.headers)

    def _heard(self, received: Received) -> web.Response:
        pcm, query = unwav(received.data), received.query
        formatted = query.get("smart_format") == ["true"]
        understood = wire.alternative(decode(pcm), self.confidences, formatted)
        detected = self.detects if query.get("detect_language") == ["true"] else None
        return web.json_response(wire.transcription(understood, len(pcm) / 32_000, detected))

    async def _stream(self, request: web.Request, received: Received) -> web.StreamResponse:
        trouble = self.streams.popleft() if self.streams else None
        if isinstance(trouble, Status | Hang):
            return await self._failing(trouble)
        if isinstance(trouble, Slow):
            await asyncio.sleep(trouble.seconds)
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        if isinstance(trouble, Stuck):
            await self._silence()
        listening = Listening.of(received.query, self.confidences)
        async for message in socket:
            if message.type is WSMsgType.BINARY and message.data:
                received.data += message.data
                said = list(listening.hear(message.data))
                kind = "audio"
            else:
                # Deepgram takes an empty message for the end.
                kind = str(json.loads(message.data)["type"]) if message.data else "CloseStream"
                said = list({"Finalize": listening.finalize, "CloseStream": listening.end}.get(kind, list)())
            received.messages.append(kind)
            if not isinstance(trouble, Silent):
                for each in said:
                    await socket.send_json(each)
            await self._befalls(trouble, listening.seconds, request, socket)
            async with self.came:
                self.came.notify_all()
            if kind == "CloseStream" and not isinstance(trouble, Silent):
                await socket.close()
        if not socket.closed or "CloseStream" not in received.messages:
            received.left.set()
        return socket

    async def _befalls(
        self, trouble: Misbehaviour | None, seconds: float, request: web.Request, socket: web.WebSocketResponse
    ) -> None:
        if isinstance(trouble, Cut) and seconds >= trouble.after:
            abort(request)
        if isinstance(trouble, Garbled) and seconds >= trouble.after:
            await socket.send_str('{"type": "Results", not json')
        if isinstance(trouble, Refusing) and seconds >= trouble.after:
            await socket.send_json(wire.error())


def _spoken(received: Received) -> web.Response:
    """PCM that says the text again, or what begins as MP3 does and holds it."""
    text, encoding = str(received.body["text"]), received.query.get("encoding", ["mp3"])[0]
    if encoding == "mp3":
        return web.Response(body=b"\xff\xfb" + text.encode(), content_type="audio/mpeg")
    return web.Response(body=encode(text), content_type="audio/l16")
