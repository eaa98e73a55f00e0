"""The shapes of OpenAI's protocol, for the server."""

from __future__ import annotations

import array
import base64
import io
import json
import math
import re
import wave
from collections.abc import Collection, Sequence
from hashlib import blake2b
from typing import Any

from devkit.spoken_code import SpokenWord

Body = dict[str, Any]
DIMENSIONS = 256


def completed(request: Body, chat: dict[str, Any], text: str, finish: str | None, *, key: str = "delta") -> Body:
    """A chunk, or with the key `message` an answer: `chat` for a chat, `text` for a plain completion."""
    choice: Body = {"index": 0, "finish_reason": finish}
    choice |= {"text": text} if "prompt" in request else {key: chat}
    kind = "text_completion" if "prompt" in request else "chat.completion" + (".chunk" if key == "delta" else "")
    return {"id": "cmpl-1", "object": kind, "created": 0, "model": request.get("model", ""), "choices": [choice]}


def usage(tokens: tuple[int, int]) -> Body:
    """The usage object for (input, output) tokens."""
    return {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)}


def event(data: object) -> bytes:
    """A server-sent event."""
    return f"data: {data if isinstance(data, str) else json.dumps(data)}\n\n".encode()


def error_body(status: int) -> Body:
    """OpenAI's error body for a status."""
    kinds = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}
    error = {"message": f"Error {status}.", "type": "invalid_request_error", "param": None, "code": kinds.get(status)}
    return {"error": error}


def rejection(request: Body, rejects: Collection[str]) -> Body | None:
    """OpenAI's error body for the first thing in the request that is rejected, if there is any."""
    used = (request.get("response_format") or {}).get("type")
    if used in rejects:
        message = f"Invalid parameter: 'response_format' of type '{used}' is not supported with this model."
        return _invalid("response_format", message)
    for parameter in ("stream_options", "max_tokens", "temperature"):
        if parameter in rejects and parameter in request:
            return _invalid(parameter, f"Unsupported parameter: '{parameter}' is not supported with this model.")
    return None


def _invalid(parameter: str, message: str) -> Body:
    return {"error": {"message": message, "type": "invalid_request_error", "param": parameter, "code": None}}


def unsupported_format(form: str, model: str) -> Body:
    """OpenAI's error body for a format of transcriptions that a model does not know."""
    message = f"response_format '{form}' is not compatible with model '{model}'. Use 'json' or 'text' instead."
    return _invalid("response_format", message)


def verbose(words: Sequence[SpokenWord], tells_confidence: bool) -> Body:
    """What a transcription has beside its text: words as OpenAI writes them, without punctuation, and their segment."""
    times = {"start": words[0].start, "end": words[-1].end} if words else {}
    sure = {"avg_logprob": math.log(0.9), "no_speech_prob": 0.1} if tells_confidence else {}
    segment: Body = {"id": 0, "text": " ".join(word.text for word in words)} | times | sure
    plain = [{"word": word.text.strip(".,;:!?"), "start": word.start, "end": word.end} for word in words]
    return {"task": "transcribe", "duration": 0.0, "segments": [segment] if words else [], "words": plain}


def embeddings(request: Body) -> Body:
    """Vectors of length 1 that are the closer the more words two texts share; always the same for a text."""
    given = request.get("input", "")
    texts = [given] if isinstance(given, str) else given
    vectors = [_vector(str(text), request.get("dimensions") or DIMENSIONS) for text in texts]
    encoded = request.get("encoding_format") == "base64"
    data = [
        {"object": "embedding", "index": index, "embedding": _base64(vector) if encoded else vector}
        for index, vector in enumerate(vectors)
    ]
    tokens = sum(len(str(text)) // 4 for text in texts)
    told = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "model": request.get("model", ""), "data": data, "usage": told}


def _vector(text: str, dimensions: int) -> list[float]:
    vector = [0.0] * dimensions
    for word in re.findall(r"\w+", text.lower()):
        number = int.from_bytes(blake2b(word.encode(), digest_size=8).digest())
        vector[number % dimensions] += 1.0 if number >> 63 else -1.0
    length = math.sqrt(sum(value * value for value in vector))
    return [value / length for value in vector] if length else [1.0, *vector[1:]]


def _base64(vector: list[float]) -> str:
    return base64.b64encode(array.array("f", vector).tobytes()).decode()


def audio(form: str, text: str) -> bytes:
    """A file of the format, as long as the text: a WAV file with a quiet hum, or what begins as MP3 does and holds the
    text, so that a test sees what was said."""
    if form == "mp3":
        return b"\xff\xfb" + text.encode()
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(8000)
        written.writeframes(b"\x01\x00" * 400 * len(text))
    return file.getvalue()
