"""One request to an OpenAI-compatible endpoint, and its answer piece by piece."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
import openai

from models.errors import Failed, classify, of_body

_FROM_THE_WIRE = (openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError, ValueError)
"""What the SDK raises; ValueError is a line that is not JSON or not UTF-8."""


@dataclass(slots=True)
class Piece:
    """What one chunk brought. `spoke`: a token, be it of the text or of a thought; `tokens`: (input, output)."""

    text: str = ""
    spoke: bool = False
    refused: bool = False
    finish: str = ""
    tokens: tuple[int, int] | None = None


async def pieces(client: openai.AsyncOpenAI, request: dict[str, Any]) -> AsyncGenerator[Piece, None]:
    """Ask, and read the answer as it comes, or at once from an endpoint that does not stream.

    Close the generator to close the connection. Raises Failed.
    """
    try:
        response = await _send(client, request)
        try:
            if "json" in response.headers.get("content-type", ""):
                yield _piece(json.loads(await response.aread()))
            else:
                async for chunk in openai.AsyncStream[object](cast_to=object, response=response, client=client):
                    yield _piece(chunk)
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
    return Piece(
        text=text,
        spoke=bool(text or message.get("refusal") or message.get("reasoning_content") or message.get("reasoning")),
        refused=bool(message.get("refusal")) or finish == "content_filter",
        finish=finish,
        tokens=_tokens(_mapping(chunk.get("usage"))),
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
