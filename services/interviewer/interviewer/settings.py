"""Settings of the interviewer service."""

from __future__ import annotations

from runtime.settings import RuntimeSettings


class InterviewerSettings(RuntimeSettings):
    """Nothing beyond the chassis: the scripted mind needs no configuration."""
