"""How many connections to Postgres one replica may hold."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest
from prometheus_client import REGISTRY
from session.main import build
from session.settings import SessionSettings


def at_most() -> float:
    """What this process may hold, as it tells Prometheus."""
    return REGISTRY.get_sample_value("parley_database_connections", {"state": "most"}) or 0.0


@pytest.mark.parametrize("size", [2, 5, 10])
async def test_all_pools_of_a_replica_together_keep_to_its_setting(size: int) -> None:
    before = at_most()
    service = build(SessionSettings(database_url="postgresql://nobody@127.0.0.1:1/parley", database_pool_size=size))
    async with AsyncExitStack() as stack:
        for resource in service.resources:
            await stack.enter_async_context(resource)
        assert at_most() - before == size
