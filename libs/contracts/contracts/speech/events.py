"""What becomes of recordings."""

from __future__ import annotations

from contracts.envelope import Payload
from contracts.registry import event
from contracts.vocabulary.hearing import Heard, NotHeard


@event("speech.transcribed")
class Transcribed(Payload):
    """What is said in a recording. It is about the session, or the speech task, that the recording belongs to."""

    heard: Heard
    provider: str
    model: str


@event("speech.failed")
class RecognitionFailed(Payload):
    """There are no words to be had from a recording. `message` is a sentence for whoever recorded it."""

    reason: NotHeard
    message: str
