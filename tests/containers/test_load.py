"""Every service is restarted in turn while interviews are held: no answer is lost, and no request fails in the end."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from devkit.client import JUST_NOW, Client
from devkit.compose import Compose, engine

from benchmarks.load import RESTARTED, hold, restart_in_turn

RATE = 0.6
"""Interviews that begin each second: some four answers a second."""
LOOKED_AT = 6.0
"""Seconds in which the gateways have found out, and the proxy has looked at them."""

pytestmark = pytest.mark.timeout(600)


async def test_nothing_is_lost_while_every_service_is_restarted_under_load(compose: Compose) -> None:
    before = {each: started(compose, each) for each in RESTARTED}
    held = await hold(compose.proxy_url, RATE, restart_in_turn(compose, together=True))
    print(held)
    assert all(started(compose, each).isdisjoint(before[each]) for each in RESTARTED)
    assert held.interviews > 10 and len(held.turns) > 4 * held.interviews
    assert (held.failed, held.lost, held.unreported) == ([], 0, 0)


async def test_the_proxy_lets_the_gateways_say_what_is_away(compose: Compose) -> None:
    """Also once it has looked at them: they are ready to tell people what is wrong."""
    async with aiohttp.ClientSession() as http:
        client = Client(http, compose.proxy_url)
        await client.begin(questions=2)
        compose("stop", "session")
        try:
            await asyncio.sleep(LOOKED_AT)
            async with http.get(f"{compose.proxy_url}/interview/history", headers=client.headers) as answer:
                assert answer.status in JUST_NOW
                assert (await answer.json())["detail"]
        finally:
            compose("start", "session")
            compose.wait_until_healthy()
        assert len(await client.history()) == 1


def started(compose: Compose, service: str) -> set[str]:
    """When each container of a service was started last."""
    found = [
        engine("docker", "inspect", "--format", "{{.State.StartedAt}}", each) for each in compose.containers(service)
    ]
    assert found
    return set(found)
