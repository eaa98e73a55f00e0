"""One request to an OpenAI-compatible endpoint, and its answer piece by piece."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
import openai

from models.errors import Failed, classify, of_body

_FROM_THE_WIRE = (openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError, ValueError)
"""What the SDK raises; ValueError is a line that is not JSON or not UTF-8."""
_OF_EVENTS = ("event:", "id:", "retry:")
_THOUGHTS = ("reasoning_content", "reasoning", "thinking")
"""Where endpoints put what a model thinks aloud, if not into the text."""


@dataclass(slots=True)
class Piece:
    """What one chunk brought; nothing but a sign of life, by default. `spoke`: a token, be it of the text or of a
    thought; `thought`: one of those; `tokens`: (input, output); `model`: as the endpoint calls it."""

    text: str = ""
    spoke: bool = False
    thought: bool = False
    refused: bool = False
    finish: str = ""
    tokens: tuple[int, int] | None = None
    model: str = ""


async def pieces(client: openai.AsyncOpenAI, request: dict[str, Any]) -> AsyncGenerator[Piece, None]:
    """Ask, and read the answer as it comes, or at once from an endpoint that does not stream.

    Close the generator to close the connection. Raises Failed.
    """
    try:
        response = await _send(client, request)
        try:
            async for piece in _read(response):
                yield piece
        finally:
            await response.aclose()
    except _FROM_THE_WIRE as error:
        failure = classify(error)
    else:
        return
    # Raised here, so that it does not carry the other, whose text may repeat what was sent.
    raise Failed(failure)


async def _send(client: openai.AsyncOpenAI, request: dict[str, Any]) -> httpx2.Response:
    # The raw response, because the SDK's stream would take an answer in plain JSON for an empty one.
    resource = client.completions if "prompt" in request else client.chat.completions
    raw = await resource.with_raw_response.create(**request)
    response: httpx2.Response = raw.http_response
    return response


async def _read(response: httpx2.Response) -> AsyncIterator[Piece]:
    """A stream of events, or one object, whatever the endpoint calls it. The SDK's own reader passes over comments, by
    which a proxy says that it is still waiting, and ends at an event without data."""
    whole: list[str] = []
    async for line in _lines(response):
        if line.startswith("data:"):
            data = line.removeprefix("data:").strip()
            if data == "[DONE]":
                return
            yield _piece(json.loads(data)) if data else Piece()
        elif line.startswith(":"):
            yield Piece()
        elif line.strip() and not line.startswith(_OF_EVENTS):
            whole.append(line)
    if whole:
        yield _piece(json.loads("\n".join(whole)))


async def _lines(response: httpx2.Response) -> AsyncIterator[str]:
    """Parted where lines end, and not at what else Unicode knows as an end of line: texts may hold those."""
    rest, codec = b"", "utf-8-sig"  # some write a byte order mark
    async for some in response.aiter_bytes():
        *lines, rest = (rest + some).split(b"\n")
        for line in lines:
            yield line.decode(codec).rstrip("\r")
            codec = "utf-8"
    yield rest.decode(codec)


def _piece(data: object) -> Piece:
    """Read leniently: many servers leave fields out, or null."""
    chunk = _mapping(data)
    if chunk.get("error"):
        raise Failed(of_body(chunk["error"]))
    choices = chunk.get("choices")
    choice = _mapping(choices[0]) if isinstance(choices, list) and choices else {}
    message = _mapping(choice.get("delta")) or _mapping(choice.get("message"))
    text = _text(message.get("content")) or _text(choice.get("text"))
    finish = str(choice.get("finish_reason") or "")
    thought = any(message.get(name) for name in _THOUGHTS)
    return Piece(
        text=text,
        spoke=bool(text or thought or message.get("refusal")),
        thought=thought,
        refused=bool(message.get("refusal")) or finish == "content_filter",
        finish=finish,
        tokens=_tokens(_mapping(chunk.get("usage"))),
        model=str(chunk.get("model") or ""),
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(content: object) -> str:
    """A string, or the texts of a list of parts, as models that think aloud send it."""
    if isinstance(content, list):
        return "".join(str(_mapping(part).get("text") or "") for part in content)
    return content if isinstance(content, str) else ""


def _tokens(usage: Mapping[str, Any]) -> tuple[int, int] | None:
    prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
    return (prompt, completion or 0) if isinstance(prompt, int) else None
