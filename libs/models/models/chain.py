"""The models of a service: one chain of endpoints for each role, and what all chains share."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from contracts.vocabulary.disclosure import EngineDescription, ModelSource
from pydantic import BaseModel

from models.call import Answer, Call
from models.errors import Kind
from models.reading import ObjectReader, OnText, Reader, TextReader, Watch
from models.requests import Ask, Message
from models.settings import ModelSettings, PromptFormat, Role
from models.slots import Leases
from models.timing import Timing
from models.usage import Prices

if TYPE_CHECKING:  # It imports the SDK, which takes most of a second.
    from models.endpoint import Endpoint, Route

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


class Chain:
    """The endpoints that serve one role, in the order in which they are tried."""

    def __init__(self, role: Role, routes: Sequence[Route], timing: Timing, prices: Prices) -> None:
        self.role = role
        self.routes = tuple(routes)
        self._timing = timing
        self._prices = prices
        for route in self.routes:
            route.asked(role, prices).announce()

    @property
    def one_at_a_time(self) -> bool:
        """Whether calls side by side would only wait for one another."""
        return self.routes[0].endpoint.slots.places == 1

    async def structured(
        self,
        messages: Sequence[Message],
        schema: type[M],
        *,
        budget: float,
        watch: Watch | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        later: bool = False,
    ) -> Answer[M]:
        """An object of the schema, whose properties are written in the order of the class. Where calls wait for a
        place, one that comes `later` waits behind others of its role.

        `budget` is in seconds and covers everything, retries and failover included. Raises NoModel when no
        endpoint gave one, ModelRefused when a model declined; what the watch raises beside `Rejected` goes through.
        """
        ask = Ask(messages, schema, temperature, max_tokens)
        return await self._answer(ask, ObjectReader(schema, watch), budget, later=later)

    async def text(
        self,
        messages: Sequence[Message],
        *,
        budget: float,
        max_tokens: int | None = None,
        temperature: float | None = None,
        stop: Sequence[str] | None = None,
        on_text: OnText | None = None,
    ) -> Answer[str]:
        """Free text, without white space around it. `budget`, in seconds, and errors are those of `structured`."""
        ask = Ask(messages, None, temperature, max_tokens, tuple(stop or ()))
        return await self._answer(ask, TextReader(on_text), budget)

    async def _answer(self, ask: Ask, reader: Reader[T], budget: float, *, later: bool = False) -> Answer[T]:
        call = Call(self.role, ask, reader, budget, self._timing, self._prices, later=later)
        healthy = [route for route in self.routes if route.healthy]
        unhealthy = [route for route in self.routes if route not in healthy]
        why: list[Kind] = [route.out or "rate_limited" for route in unhealthy]
        answer = await call.over(healthy) or await self._last_resort(call, unhealthy)
        if answer is None:
            raise call.given_up(why)
        return answer

    async def _last_resort(self, call: Call[T], unhealthy: Sequence[Route]) -> Answer[T] | None:
        """Of those that are out or resting, the one that is to be looked at soonest: nobody waits for a probe."""
        free = [route for route in unhealthy if not (route.out and route.endpoint.on_trial)]
        route = min(free, key=lambda one: one.until, default=None)
        if route is None or route.rest > call.remaining / 2:
            return None
        await self._timing.sleep(route.rest)
        if not route.out:
            return await call.over([route])
        with route.trial():
            return await call.over([route], tries=1)


class Models:
    """All models that are configured. Owns the connections; close it when done."""

    def __init__(
        self, endpoints: Sequence[Endpoint], chains: dict[Role, Chain], timing: Timing, *, warms_up: bool = False
    ) -> None:
        self._warms_up = warms_up
        self._endpoints = endpoints
        self._chains = chains
        self._timing = timing

    @classmethod
    def from_settings(
        cls, settings: ModelSettings, timing: Timing | None = None, *, leases: Leases | None = None
    ) -> Models:
        """With nothing configured there are no chains, and the SDK need not be installed. `timing` is for tests;
        `leases` share the places at endpoints with other processes."""
        timing = timing or Timing.of(settings)
        if not settings.configured:
            return cls([], {}, timing)
        from models.configured import endpoints_of, routes_of

        endpoints = endpoints_of(settings, timing, leases)
        roles: tuple[Role, ...] = ("interviewer", "small", "coach", "question", "documents")
        found = {role: routes_of(role, settings, endpoints) for role in roles}
        chains = {role: Chain(role, routes, timing, settings.model_prices) for role, routes in found.items() if routes}
        return cls(list(endpoints.values()), chains, timing, warms_up=settings.model_warm_up)

    def chain(self, role: Role) -> Chain | None:
        """The chain of a role, or None when no model serves it."""
        return self._chains.get(role)

    def description(self, role: Role) -> EngineDescription:
        """Which models serve a role, and where, in the order in which they are asked."""
        chain = self._chains.get(role)
        routes = chain.routes if chain else ()
        return EngineDescription(models=tuple(ModelSource(model=r.model, provider=r.endpoint.host) for r in routes))

    async def warm_up(self) -> None:
        """Have the models on this machine or network loaded, if that is wanted."""
        local = [(endpoint, models) for endpoint, models in self._asked().items() if endpoint.local and self._warms_up]
        await asyncio.gather(*(endpoint.warm_up(models) for endpoint, models in local))

    async def probe(self) -> None:
        """Look once at every endpoint that is out, and bring back those that work."""
        await asyncio.gather(*(endpoint.probe(asked) for endpoint, asked in self._asked().items()))

    def _asked(self) -> dict[Endpoint, dict[str, PromptFormat]]:
        """The models of each endpoint, and how they are asked."""
        models: dict[Endpoint, dict[str, PromptFormat]] = {}
        for chain in self._chains.values():
            for route in chain.routes:
                models.setdefault(route.endpoint, {})[route.model] = route.prompt_format
        return models

    async def probe_forever(self) -> None:
        """A background task: warms up, probes at the configured interval beside that, and never ends."""
        await asyncio.gather(self.warm_up(), self._probe_again_and_again())

    async def _probe_again_and_again(self) -> None:
        while True:
            await self._timing.sleep(self._timing.probe)
            await self.probe()

    async def aclose(self) -> None:
        """Close all connections."""
        for endpoint in self._endpoints:
            await endpoint.aclose()
