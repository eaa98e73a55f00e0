"""The shapes of Deepgram's protocol, for the server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from devkit.spoken_code import SpokenWord

Message = dict[str, Any]
SURE = 0.98
"""Confidence of a word, where nothing else is ordered."""
_METADATA = {"transaction_key": "deprecated", "request_id": "1", "sha256": "", "created": "2026-01-01T00:00:00Z"}
_MODEL = {"name": "general-nova-3", "version": "2026-01-01.0", "arch": "nova-3"}


def alternative(words: Sequence[SpokenWord], confidences: Mapping[str, float], formatted: bool) -> Message:
    """What was understood. Without formatting it is in small letters, and has no punctuation."""
    heard = [_word(each, confidences, formatted) for each in words]
    text = " ".join(each["punctuated_word" if formatted else "word"] for each in heard)
    mean = sum(each["confidence"] for each in heard) / len(heard) if heard else 0.0
    return {"transcript": text, "confidence": mean, "words": heard}


def _word(word: SpokenWord, confidences: Mapping[str, float], formatted: bool) -> Message:
    plain = word.text.lower().strip(".,;:!?")
    told = {"word": plain, "start": word.start, "end": word.end, "confidence": confidences.get(plain, SURE)}
    return told | ({"punctuated_word": word.text} if formatted else {})


def transcription(alternative: Message, duration: float, detected: str | None) -> Message:
    """The answer to a recording of `duration` seconds."""
    channel: Message = {"alternatives": [alternative]} | ({"detected_language": detected} if detected else {})
    told = {"duration": duration, "channels": 1, "models": ["1"], "model_info": {"1": _MODEL}}
    return {"metadata": _METADATA | told, "results": {"channels": [channel]}}


def results(start: float, end: float, alternative: Message, **marks: bool) -> Message:
    """What was heard from `start` to `end` seconds of a stream."""
    said = {"type": "Results", "channel_index": [0, 1], "start": start, "duration": end - start}
    return said | marks | {
        "channel": {"alternatives": [alternative]},
        "metadata": {"request_id": "1", "model_info": _MODEL, "model_uuid": "1"},
    }  # fmt: skip


def speech_started(at: float) -> Message:
    """Somebody began to speak."""
    return {"type": "SpeechStarted", "channel": [0, 1], "timestamp": at}


def utterance_end(last_word_end: float) -> Message:
    """A longer pause; -1 where the words before it were told to be over already."""
    return {"type": "UtteranceEnd", "channel": [0, 1], "last_word_end": last_word_end}


def metadata(duration: float) -> Message:
    """The last message of a stream."""
    return {"type": "Metadata"} | _METADATA | {"duration": duration, "channels": 1}


def error() -> Message:
    """What is said to a message that makes no sense."""
    return {"type": "Error", "variant": "SchemaError", "description": "Could not deserialize last text message."}


def error_body(status: int) -> Message:
    """Deepgram's error body for a status."""
    codes = {401: "INVALID_AUTH", 402: "ASR_PAYMENT_REQUIRED", 429: "TOO_MANY_REQUESTS"}
    return {"err_code": codes.get(status, "Bad Request"), "err_msg": f"Error {status}.", "request_id": "1"}
