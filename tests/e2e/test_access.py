"""Every operation and socket says to each kind of caller what `docs/access.md` has: no cell is wrong unnoticed."""

from __future__ import annotations

from pathlib import Path

import pytest
from devkit.stack import Stack

from tools.access import CALLERS, PAGE, SECRET, page, table

BAD_TOKENS = ("expired", "revoked", "malformed")
WITHOUT_A_LOGIN = (
    "GET / ", "GET /health", "GET /metrics", "/speech", "/text-to-speech", "/auth/login", "/auth/token",
    "/auth/register", "/auth/refresh", "GET /api/v1/audio/",
)  # fmt: skip
"""What does not look at a token at all."""
ONES_OWN = ("/session/start/", "/session/turn/")
"""Where the id in the path is the caller's own word for an interview, and another's the same word means another."""


@pytest.mark.timeout(600)
async def test_every_caller_is_told_what_the_page_says(tmp_path: Path) -> None:
    with Stack(tmp_path / "parley", {"JWT_SECRET": SECRET}) as stack:
        found = await table(stack)
    assert page(found).splitlines() == PAGE.read_text(encoding="utf-8").splitlines()
    for name, told in found.items():
        assert set(told) == set(CALLERS)
        if "/users" in name and "/users/me" not in name:
            assert {told["owner"], told["other user"]} == {"403"} and told["admin"] == "200", name
        elif "{" in name and not any(each in name for each in ("task_id", "WS ", *ONES_OWN)):
            assert told["admin"] == "404", "an admin sees nobody's interviews"
            assert told["other user"] == "404", name
        if not any(each in f"{name} " for each in WITHOUT_A_LOGIN):
            assert {told[caller] for caller in BAD_TOKENS} <= {"401", "1008"}, name
