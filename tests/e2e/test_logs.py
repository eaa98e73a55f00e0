"""What an operator finds in the logs: each request by its id, errors with their place, and nobody's words."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from uuid import uuid4

import asyncpg
from devkit.stack import Stack

from tools.paths import ROOT

WORDS = "zephyrine"
"""A word that nobody says by chance."""


async def lines_with(stack: Stack, text: str, enough: Callable[[list[str]], bool]) -> list[str]:
    """Lines of the log that hold a text, once there are enough."""
    deadline = time.monotonic() + 20
    while True:
        found = [line for line in stack.log.read_text(errors="replace").splitlines() if text in line]
        if enough(found):
            return found
        assert time.monotonic() < deadline, f"not enough of {text!r}: {found}"
        await asyncio.sleep(0.1)


async def test_a_request_is_found_by_its_id_in_what_other_services_log(stack: Stack, client: Any) -> None:
    await client.begin()
    request = f"find-{uuid4().hex}"
    said = await client.say(f"I built a queue for {WORDS} and halved its losses.", **{"X-Request-ID": request})
    assert said.status == 200 and said.headers["X-Request-ID"] == request
    # Through interviewer and coach, and back.
    kinds = ("answer recorded", "question asked", "feedback recorded")
    found = await lines_with(stack, request, lambda lines: all(kind in "\n".join(lines) for kind in kinds))
    assert f"request={request}" in found[0]


async def test_what_came_of_a_request_is_found_as_the_operations_page_says(stack: Stack, client: Any) -> None:
    await client.begin()
    request = f"came-of-{uuid4().hex}"
    await client.say(f"I measured {WORDS} for a month before I changed it.", **{"X-Request-ID": request})
    lines = await lines_with(stack, request, lambda found: "question asked" in "\n".join(found))
    recorded = next(line for line in lines if "answer recorded" in line)
    noted = dict(part.split("=", 1) for part in recorded.split() if "=" in part)
    query = re.search(r"^SELECT version.+?;$", (ROOT / "docs/operations.md").read_text(), re.MULTILINE | re.DOTALL)
    assert query and noted["session"] == sha256(client.headers["X-Session-ID"].encode()).hexdigest()[:10]
    connection = await asyncpg.connect(stack.database_url)
    try:
        asked = query.group().replace(":'session'", "$1").replace(":version", "$2")
        rows = await connection.fetch(asked, noted["session"], int(noted["version"]))
    finally:
        await connection.close()
    assert {"session.answer_recorded.v1", "session.question_asked.v1"} <= {row["type"] for row in rows}
    assert WORDS not in str(rows)


async def test_an_error_is_found_by_route_and_request_and_says_where_it_arose(
    stack: Stack, client: Any, hanging: Any
) -> None:
    await client.begin()
    request = f"fail-{uuid4().hex}"
    with hanging(stack, "session"):
        failed = await client.get("/interview/history", **{"X-Request-ID": request})
    assert failed.status == 503
    [line] = await lines_with(stack, request, bool)
    assert "route=/interview/history" in line
    assert "error=TimeoutError" in line
    assert "bus/commands.py" in line


async def test_what_people_say_is_in_no_log(stack: Stack, client: Any) -> None:
    await client.begin()
    await client.say(f"I once worked for {WORDS} on its payment system, with a team of four people.")
    await client.post("/interview/message", {"message": f"{WORDS}\u0000"})
    await client.post("/interview/end")
    await asyncio.sleep(1)
    assert WORDS not in stack.log.read_text(errors="replace")


async def test_no_token_is_in_a_log(stack: Stack, client: Any) -> None:
    account = await client.register()
    ticket = (await client.post("/api/v1/tickets")).body["ticket"]
    made = (await client.post("/interviews", {"position": "Nurse"})).body
    token = (await client.post(f"/interviews/{made['id']}/start")).body["session_token"]
    for path in ("status", "nothing"):
        await client.get(f"/interviews/session/{token}/{path}")
    await client.get(f"/interviews/session/{token}\u0000/status")
    await client.get(f"/api/v1/sessions/{made['session_id']}/messages?token={account['access_token']}&ticket={ticket}")
    async with client.http.ws_connect(f"{client.url}/ws/interview/{token}") as socket:
        await socket.send_json({"type": "get_status"})
        await socket.receive_json(timeout=10)
    await asyncio.sleep(1)
    log = stack.log.read_text(errors="replace")
    assert not [each for each in (token, ticket, account["access_token"], account["refresh_token"]) if each in log]
