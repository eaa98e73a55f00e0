"""The server, and what it can be told to do."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from aiohttp import web

from devkit.fake_openai import wire
from devkit.fake_server import Body, FakeServer, Hang, Received, Status, Trouble, abort
from devkit.spoken_code import decode, unwav

Rejects = Literal["json_schema", "json_object", "stream_options", "max_tokens", "temperature"]


@dataclass(frozen=True)
class Reply:
    """A completion. Its parts combine; times are in seconds, counts in chunks.

    `text` may be worked out from the request; it is sent `chunk` characters at a time. `cut_after` closes the
    connection, `hang_after` falls silent, `bad_line_after` sends a line that is not JSON. A request that uses
    something in `rejects` gets status 400, in OpenAI's words, and one of which `refuses` makes a body gets that.
    `plain` ignores `stream`. `usage` is (input, output) tokens, counted from the text by default; None tells none.
    `thought` comes before the text, apart from it, and needs `thinking` tokens: a smaller limit leaves no text.
    `before` is sent as it is in front of the answer, and comments while the first event is waited for, if it
    `stays_awake`. `content_type` is what it calls its answer, in place of what that is.
    """

    text: str | Callable[[Body], str] = "Hello."
    chunk: int = 16
    first_delay: float = 0.0
    chunk_delay: float = 0.0
    finish: str = "stop"
    refusal: str = ""
    cut_after: int | None = None
    hang_after: int | None = None
    bad_line_after: int | None = None
    plain: bool = False
    usage: tuple[int, int] | Literal["counted"] | None = "counted"
    rejects: frozenset[Rejects] = frozenset()
    refuses: Callable[[Body], Body | None] = lambda _: None
    thought: str = ""
    thinking: int = 0
    before: bytes = b""
    content_type: str = ""
    stays_awake: bool = False

    def runs_out(self, request: Body) -> bool:
        """Whether the thoughts use up what the request allows."""
        limit = request.get("max_tokens") or request.get("max_completion_tokens") or self.thinking
        return bool(limit < self.thinking)

    def chunks(self, request: Body) -> list[str]:
        """The text, in pieces."""
        if self.runs_out(request):
            return []
        text = self.text if isinstance(self.text, str) else self.text(request)
        return [text[start : start + self.chunk] for start in range(0, len(text), self.chunk)]

    def tokens(self, request: Body) -> tuple[int, int] | None:
        """(input, output), about four characters a token."""
        if self.usage != "counted":
            return self.usage
        asked = len(json.dumps(request.get("messages") or request.get("prompt") or ""))
        return asked // 4, sum(map(len, self.chunks(request))) // 4


AWAKE = 0.05
"""Seconds between two comments."""
Behaviour = Reply | Status | Hang
NAMES = {"en": "english", "de": "german", "es": "spanish", "fr": "french"}
"""OpenAI's server tells the language that it heard by its name, others by its code."""


class OpenAIServer(FakeServer):
    """`async with OpenAIServer(Reply("Hi.")) as server:` answers at `server.url`, on a free port of 127.0.0.1.

    Completions, of chats and of plain prompts, take the next behaviour of the queue, or else the default. `models` is
    what `/models` lists, as `owner`'s; with a Status or Hang instead it fails, as `/embeddings` does by `embeddings`,
    and `/audio/speech` and `/audio/transcriptions` by `speech` and `transcription`, which may also be bytes to send in
    their place. Words are recognised by `devkit.spoken_code`; `formats` are those of transcriptions that the model
    knows, and `tells_confidence` whether it says how sure it is.
    """

    root = "/v1"

    def __init__(self, default: Behaviour | None = None) -> None:
        super().__init__()
        self.default: Behaviour = default or Reply()
        self.models: Sequence[str] | Status | Hang = ("gpt-4o", "gpt-4o-mini")
        self.owner = "openai"
        self.embeddings: Status | Hang | None = None
        self.speech: Status | Hang | bytes | None = None
        self.transcription: Trouble | bytes | None = None
        self.formats: Collection[str] = ("json", "verbose_json")
        self.tells_confidence = True
        self._queue: deque[Behaviour] = deque()

    def enqueue(self, *behaviours: Behaviour) -> None:
        """What to do with the next completions, one each."""
        self._queue.extend(behaviours)

    def bodies(self, path: str = "/chat/completions") -> list[Body]:
        """Bodies of the requests to a path, in the order in which they came."""
        return [one.body for one in self.received if one.path == path]

    async def _answer(self, request: web.Request, received: Received) -> web.StreamResponse:
        path, body = received.path, received.body
        if path in ("/chat/completions", "/completions"):
            behaviour = self._queue.popleft() if self._queue else self.default
            if isinstance(behaviour, Reply):
                return await self._reply(request, body, behaviour)
            return await self._failing(behaviour)
        if path == "/models":
            return await self._models()
        if path == "/embeddings":
            return await self._failing(self.embeddings) if self.embeddings else _json(wire.embeddings(body))
        if path == "/audio/speech":
            return await self._spoken(body)
        if path == "/audio/transcriptions":
            return await self._transcribed(request, body)
        return await self._failing(Status(404))

    async def _spoken(self, body: Body) -> web.StreamResponse:
        if isinstance(self.speech, Status | Hang):
            return await self._failing(self.speech)
        form = str(body.get("response_format", "mp3"))
        audio = self.speech if self.speech is not None else wire.audio(form, str(body["input"]))
        return web.Response(body=audio, content_type={"wav": "audio/wav", "mp3": "audio/mpeg"}[form])

    async def _transcribed(self, request: web.Request, body: Body) -> web.StreamResponse:
        form = body.get("response_format", "json")
        if form not in self.formats:
            return _json(wire.unsupported_format(form, str(body["model"])), 400)
        if isinstance(self.transcription, bytes):
            return web.Response(body=self.transcription, content_type="application/json")
        words = decode(unwav(body["file"]))
        answer: Body = {"text": " ".join(word.text for word in words)}
        if form == "verbose_json":
            language = NAMES.get(body.get("language", "en"), body.get("language"))
            answer |= wire.verbose(words, self.tells_confidence) | {"language": language}
        return await self._troubled(request, self.transcription, _json(answer))

    async def _models(self) -> web.StreamResponse:
        if isinstance(self.models, Status | Hang):
            return await self._failing(self.models)
        listed = [{"id": name, "object": "model", "owned_by": self.owner} for name in self.models]
        return _json({"object": "list", "data": listed})

    def _refusal(self, status: Status) -> web.StreamResponse:
        body = wire.error_body(status.status) if status.body is None else status.body
        return _json(body, status.status, status.headers)

    async def _reply(self, request: web.Request, body: Body, reply: Reply) -> web.StreamResponse:
        rejected = wire.rejection(body, reply.rejects) or reply.refuses(body)
        if rejected:
            return _json(rejected, 400)
        if reply.plain or not body.get("stream"):
            await asyncio.sleep(reply.first_delay)
            whole = reply.before + json.dumps(_whole(body, reply)).encode()
            return web.Response(body=whole, headers={"content-type": reply.content_type or "application/json"})
        return await self._stream(request, body, reply)

    async def _stream(self, request: web.Request, body: Body, reply: Reply) -> web.StreamResponse:
        kind = reply.content_type or "text/event-stream; charset=utf-8"
        response = web.StreamResponse(headers={"content-type": kind})
        if reply.stays_awake:
            await response.prepare(request)
            for _ in range(round(reply.first_delay / AWAKE)):
                await response.write(b": still waiting\n\n")
                await asyncio.sleep(AWAKE)
        else:
            await asyncio.sleep(reply.first_delay)
            await response.prepare(request)
        await response.write(reply.before)
        for sent, event in enumerate(_events(body, reply)):
            if sent == reply.cut_after:
                abort(request)
            if sent == reply.hang_after:
                await self._silence()
            if sent == reply.bad_line_after:
                await response.write(wire.event("{not json"))
            await response.write(event)
            await asyncio.sleep(reply.chunk_delay)
        return response


def _events(request: Body, reply: Reply) -> Iterator[bytes]:
    """One for each chunk of text, then what ends the stream."""
    if reply.thought:
        yield wire.event(wire.completed(request, {"reasoning_content": reply.thought}, "", None))
    for text in reply.chunks(request):
        yield wire.event(wire.completed(request, {"content": text}, text, None))
    if reply.refusal:
        yield wire.event(wire.completed(request, {"refusal": reply.refusal}, "", None))
    yield wire.event(wire.completed(request, {}, "", "length" if reply.runs_out(request) else reply.finish))
    tokens = reply.tokens(request)
    if tokens and (request.get("stream_options") or {}).get("include_usage"):
        yield wire.event(wire.completed(request, {}, "", None) | {"choices": [], "usage": wire.usage(tokens)})
    yield wire.event("[DONE]")


def _whole(request: Body, reply: Reply) -> Body:
    text = "".join(reply.chunks(request))
    message = {"role": "assistant", "content": text, "refusal": reply.refusal or None}
    answer = wire.completed(request, message, text, reply.finish, key="message")
    tokens = reply.tokens(request)
    return answer | ({"usage": wire.usage(tokens)} if tokens else {})


def _json(body: Body, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response(body, status=status, headers=headers)
