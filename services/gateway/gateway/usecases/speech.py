"""What the dialects ask of speech. There is no speech service yet, and whoever needs one is told so."""

from __future__ import annotations

from gateway.problems import Problem


class NoSpeech(Problem):
    """Nothing here can listen or speak."""

    def __init__(self) -> None:
        super().__init__(503, "Speech is not available on this installation. Interviews by text are.")
