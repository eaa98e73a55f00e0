"""Settings of the coach."""

from __future__ import annotations

from runtime.settings import RuntimeSettings


class CoachSettings(RuntimeSettings):
    """What the chassis needs; the scripted mind needs nothing more."""
