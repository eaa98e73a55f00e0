"""What becomes of recordings."""

from __future__ import annotations

from pydantic import Field

from contracts.envelope import Payload
from contracts.registry import event
from contracts.vocabulary.hearing import Heard, NotHeard


@event("speech.transcribed")
class Transcribed(Payload):
    """What is said in a recording. It is about the session, or the speech task, that the recording belongs to."""

    heard: Heard
    provider: str
    model: str


@event("speech.progressed")
class Progressed(Payload):
    """Somebody is listening to a recording that is nobody's answer, and is so far through it."""

    percent: int = Field(ge=1, le=99)


@event("speech.failed")
class RecognitionFailed(Payload):
    """There are no words to be had from a recording. `message` is a sentence for whoever recorded it."""

    reason: NotHeard
    message: str
