"""An endpoint: its client, its health, and what its models understand."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hashlib
import ipaddress
import socket
import ssl
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Iterator, Mapping
from dataclasses import dataclass

import httpx2
import openai
import structlog

from models.circuit import Circuit
from models.errors import Failed, Failure, Kind, Parameter, classify
from models.requests import GUESSES, Ask, Dialect, Request, request
from models.settings import OPENAI, PromptFormat, Role
from models.slots import Leases, Slots
from models.telemetry import Asked
from models.timing import Timing
from models.usage import Prices
from models.wire import Piece, pieces

log = structlog.get_logger()

UNUSED_KEY = "none"
LOCAL_PLACES = 1
"""A server on a machine of one's own works on a call or two at once, and a second takes time from the first."""
WARM_UP = 180.0
"""Seconds that loading a model may take."""
IDLE_CONNECTION = 60.0
"""Seconds; turns of an interview are further apart than the SDK's five."""


class Endpoint:
    """One base URL with one key; used by one event loop."""

    def __init__(
        self,
        name: str,
        base_url: str,
        key: str,
        timing: Timing,
        concurrency: int | None = None,
        leases: Leases | None = None,
    ) -> None:
        self.name = name
        self.timing = timing
        self.circuit = Circuit(timing)
        self.missing: dict[str, Circuit] = defaultdict(lambda: Circuit(timing))
        """By model: one that is not found says nothing about the others."""
        self.dialects: dict[str, Dialect] = defaultdict(Dialect)
        self.on_trial = False
        self.client = _client(base_url, key)
        self.slots = Slots(name, concurrency or (LOCAL_PLACES if self.local else None), leases, self._place)

    @property
    def host(self) -> str:
        """Who answers there, without the rest of the address."""
        return self.client.base_url.host

    @property
    def port(self) -> int:
        """Where there."""
        url = self.client.base_url
        return url.port or (443 if url.scheme == "https" else 80)

    @functools.cached_property
    def local(self) -> bool:
        """Whether that is this machine or network, by its address or name."""
        try:
            return ipaddress.ip_address(self.host).is_private
        except ValueError:
            return "." not in self.host or self.host.endswith((".local", ".internal", ".lan"))

    @property
    def _place(self) -> str:
        """The same for all processes that ask the same server: one behind a loopback address is each machine's own."""
        here = socket.gethostname() if self.host == "localhost" or self.host.startswith(("127.", "::1")) else ""
        return hashlib.sha256(f"{here} {self.host}:{self.port}".encode()).hexdigest()[:16]

    async def warm_up(self, models: Mapping[str, PromptFormat]) -> None:
        """Have models loaded before anybody waits for them. What goes wrong is found out again when they are asked."""
        for model, prompt_format in models.items():
            with contextlib.suppress(TimeoutError, Failed):
                async with asyncio.timeout(WARM_UP), self.slots.taken("documents", WARM_UP):
                    await self._drained(self._ping(model, prompt_format))

    async def probe(self, models: Mapping[str, PromptFormat]) -> None:
        """If it is out, for all or for one of its models, see whether it works again."""
        if self.circuit.out:
            await self._probe(self.circuit, *next(iter(models.items())))
        for model, prompt_format in models.items():
            if self.missing[model].out and not self.circuit.out:
                await self._probe(self.missing[model], model, prompt_format)

    async def _probe(self, circuit: Circuit, model: str, prompt_format: PromptFormat) -> None:
        listed = circuit.listing_tells
        failure = await self._listing() if listed else await self._completion(model, prompt_format)
        if failure and listed and failure.kind in ("not_found", "bad_request"):
            listed, failure = False, await self._completion(model, prompt_format)
        if failure and (failure.policy.out or failure.policy.counts or failure.kind == "rate_limited"):
            return
        circuit.probed(by_listing=listed)
        log.info("model endpoint back", endpoint=self.name, model=model)

    async def _listing(self) -> Failure | None:
        return await self._tried(self.client.models.list())

    async def _completion(self, model: str, prompt_format: PromptFormat) -> Failure | None:
        return await self._tried(self._drained(self._ping(model, prompt_format)))

    def _ping(self, model: str, prompt_format: PromptFormat) -> Request:
        ask = Ask([{"role": "user", "content": "ping"}], max_tokens=1)
        return request(ask, model, self.dialects[model], prompt_format)

    async def _drained(self, request: Request) -> None:
        async with contextlib.aclosing(pieces(self.client, request)) as answer:
            async for _ in answer:
                pass

    async def _tried(self, probe: Awaitable[object]) -> Failure | None:
        try:
            async with asyncio.timeout(self.timing.attempt):
                await probe
        except TimeoutError:
            return Failure("timeout")
        except Failed as failed:
            return failed.failure
        except (openai.OpenAIError, httpx2.HTTPError, ValueError) as error:
            return classify(error)
        return None

    async def aclose(self) -> None:
        """Close its connections."""
        self.slots.close()
        await self.client.close()


@functools.cache
def _tls() -> ssl.SSLContext:
    return httpx2.create_ssl_context()  # Reading the certificates takes 20 ms.


def _client(base_url: str, key: str) -> openai.AsyncOpenAI:
    key = key or UNUSED_KEY
    limits = httpx2.Limits(max_connections=1000, keepalive_expiry=IDLE_CONNECTION)
    # What is not given the SDK takes from the environment, down to this header: the credentials of another endpoint.
    client = openai.AsyncOpenAI(
        api_key=key,
        base_url=base_url or OPENAI,
        default_headers={"Authorization": f"Bearer {key}"},
        max_retries=0,
        timeout=None,
        http_client=openai.DefaultAsyncHttpx2Client(verify=_tls(), limits=limits, timeout=None),
    )
    # The SDK imports its parts on first use, for half a second: not while somebody waits for an answer.
    _ = client.chat.completions, client.completions, client.models
    return client


@dataclass(frozen=True)
class Route:
    """A model on an endpoint, as one role asks for it. `first` in its chain, or a fallback."""

    endpoint: Endpoint
    model: str
    prompt_format: PromptFormat
    first: bool

    @property
    def _circuits(self) -> tuple[Circuit, Circuit]:
        return self.endpoint.circuit, self.endpoint.missing[self.model]

    @property
    def healthy(self) -> bool:
        """May be asked now."""
        return all(circuit.healthy for circuit in self._circuits)

    @property
    def out(self) -> Kind | None:
        """Why it is out, if it is."""
        return next((circuit.out for circuit in self._circuits if circuit.out), None)

    @property
    def until(self) -> float:
        """When it is next looked at, by the clock."""
        return max(circuit.until for circuit in self._circuits)

    @property
    def rest(self) -> float:
        """Seconds that a rate limit still asks for."""
        return self.endpoint.circuit.rest

    @property
    def _dialect(self) -> Dialect:
        return self.endpoint.dialects[self.model]

    def asked(self, role: Role, prices: Prices) -> Asked:
        """Who it is, for whoever watches."""
        endpoint = self.endpoint
        return Asked(role, endpoint.name, self.model, endpoint.host, endpoint.port, prices)

    def request(self, ask: Ask, guess: int = 0) -> Request:
        """What to send, by what the model is known to understand, or guessed to."""
        return request(ask, self.model, self._dialect.guessed(guess), self.prompt_format)

    def simpler(self, ask: Ask, sent: Request, guess: int) -> int:
        """The next guess by which something else would be sent; 0 where there is none."""
        return next((each for each in range(guess + 1, GUESSES + 1) if self.request(ask, each) != sent), 0)

    def adopt(self, guess: int) -> None:
        """A guess was right."""
        if guess:
            self.endpoint.dialects[self.model] = self._dialect.guessed(guess)
            log.warning("model request simplified", endpoint=self.endpoint.name, model=self.model, step=guess)

    @property
    def plain(self) -> bool:
        """Whether the model is known not to think aloud in its text."""
        return self._dialect.plain is True

    def learn(self, *, thinks: bool, aloud: bool) -> None:
        """What a whole answer showed."""
        self._dialect.learn(thinks=thinks, aloud=aloud)

    def pieces(self, request: Request) -> AsyncGenerator[Piece, None]:
        """Send it and read the answer. Raises Failed."""
        return pieces(self.endpoint.client, request)

    def without(self, parameter: Parameter, sent: Request) -> bool:
        """Do without a parameter from now on. False when it was not sent anyway."""
        possible = self._dialect.lower(parameter, sent)
        if possible:
            log.warning("model request lowered", endpoint=self.endpoint.name, model=self.model, parameter=parameter)
        return possible

    def failed(self, failure: Failure) -> None:
        """Note it where it belongs."""
        whole, model = self._circuits
        circuit = model if failure.kind == "not_found" else whole
        if circuit.failed(failure):
            log.warning("model endpoint out", endpoint=self.endpoint.name, model=self.model, kind=failure.kind)

    def spoke(self) -> None:
        """A token came."""
        if self.out:
            log.info("model endpoint back", endpoint=self.endpoint.name, model=self.model)
        for circuit in self._circuits:
            circuit.spoke()

    def answered(self) -> None:
        """A whole answer came."""
        for circuit in self._circuits:
            circuit.answered()

    @contextlib.contextmanager
    def trial(self) -> Iterator[None]:
        """While it lasts, other calls do not try this endpoint, too, if it is out: one finds out for all."""
        self.endpoint.on_trial = True
        try:
            yield
        finally:
            self.endpoint.on_trial = False
