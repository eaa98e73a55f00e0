"""The most that messages may hold."""

from __future__ import annotations

MAX_JOB_ROLE = 200
MAX_JOB_DESCRIPTION = 20_000
MAX_RESUME = 40_000
MAX_ANSWER = 16_000
"""Longest texts, in characters. Together they keep every message well under NATS's 1 MiB."""
MAX_QUESTIONS = 50
"""Of one interview."""
MAX_BANK_QUESTIONS = 100
MAX_BANK_BYTES = 64 * 1024
"""Limits of a question bank: it travels with the configuration of each session that uses it."""
