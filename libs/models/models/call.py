"""One question to the models: attempts on one endpoint after another, within one budget."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import structlog

from models.errors import Failed, Failure, Kind, ModelRefused, NoModel, Rejected
from models.reading import Reader
from models.requests import Ask, Request
from models.settings import Role
from models.slots import PATIENT, Place
from models.telemetry import Observation, Operation
from models.timing import Timing
from models.usage import NOTHING, UNTOLD, Prices, Usage, priced

if TYPE_CHECKING:  # These import the SDK, which takes most of a second.
    from models.endpoint import Route
    from models.wire import Piece

log = structlog.get_logger()
T = TypeVar("T")

TRIES = 2
"""Attempts on one endpoint in one call."""
LEAST = 0.05
"""Seconds below which an attempt is not worth it."""
LONG_ENOUGH = 0.25
"""Share of the limit to the first token that an endpoint was given, to be blamed for missing it."""
RECALLS = 2
"""How often a call gives its place to a more urgent one and begins again; then it keeps it."""
FINISHED_GRACE = 0.5
"""Seconds that a finished answer may take to tell its usage."""


@dataclass(frozen=True)
class Answer(Generic[T]):
    """`usage` is the whole call's, failed attempts included as far as it is known; `fallback` says that not the first
    endpoint of the chain answered. `first_token_seconds` runs from the start of the call, failed attempts included.
    """

    value: T
    model: str
    endpoint: str
    usage: Usage
    fallback: bool
    attempts: int
    first_token_seconds: float


class Call(Generic[T]):
    """What is left of the budget, and what it has cost so far. `role` is for the logs, and for whose turn it is."""

    def __init__(
        self,
        role: Role,
        ask: Ask,
        reader: Reader[T],
        budget: float,
        timing: Timing,
        prices: Prices,
        *,
        later: bool = False,
    ) -> None:
        self._role = role
        self._ask = ask
        self._reader = reader
        self._timing = timing
        self._prices = prices
        self._later = later
        self._recalls = 0
        self._started = timing.clock()
        self._budget = budget
        self._kinds: list[Kind] = []
        self._usage = NOTHING
        self._attempts = 0
        self._began = False
        self._first_token = 0.0

    @property
    def remaining(self) -> float:
        """Seconds."""
        return self._budget - self._elapsed()

    def _elapsed(self) -> float:
        return self._timing.clock() - self._started

    async def over(self, routes: Sequence[Route], tries: int = TRIES) -> Answer[T] | None:
        """The first good answer, or None. Raises ModelRefused."""
        for position, route in enumerate(routes):
            answer = await self._on(route, tries, others=position + 1 < len(routes))
            if answer is not None:
                return answer
        return None

    def given_up(self, unasked: Sequence[Kind]) -> NoModel:
        """The error to raise at the end; `unasked` says why endpoints were not asked, when none was."""
        return NoModel(self._kinds or unasked, self._usage)

    async def _on(self, route: Route, tries: int, *, others: bool) -> Answer[T] | None:
        ask, left, guess = self._ask, tries, 0
        while self.remaining > LEAST:
            request = route.request(ask, guess)
            outcome = await self._attempt(route, request, others=others)
            if outcome is None:
                continue
            if not isinstance(outcome, Failure):
                route.adopt(guess)
                return self._answer(route, outcome)
            if outcome.parameter and route.without(outcome.parameter, request):
                continue
            if outcome.unclear and (simpler := route.simpler(ask, request, guess)):
                guess = simpler
                continue
            left -= 1
            self._note(route, outcome)
            if left == 0 or not await self._worth_another(route, outcome, others=others):
                return None
            ask = self._ask.corrected(outcome.answer, outcome.problem) if outcome.problem else self._ask
        return None

    def _answer(self, route: Route, value: T) -> Answer[T]:
        return Answer(
            value=value,
            model=route.model,
            endpoint=route.endpoint.name,
            usage=self._usage,
            fallback=not route.first,
            attempts=self._attempts + 1,
            first_token_seconds=self._first_token,
        )

    def _note(self, route: Route, failure: Failure) -> None:
        # What cannot be lowered any further is a bad request like any other.
        failure = replace(failure, kind="bad_request") if failure.kind == "unsupported" else failure
        self._attempts += 1
        self._kinds.append(failure.kind)
        log.warning(
            "model attempt failed",
            role=self._role,
            endpoint=route.endpoint.name,
            model=route.model,
            kind=failure.kind,
        )
        route.failed(failure)
        if failure.kind == "refused":
            raise ModelRefused(self._usage)

    async def _worth_another(self, route: Route, failure: Failure, *, others: bool) -> bool:
        """Waits as long as it has to before the endpoint is asked again. False when it is not to be."""
        if not failure.policy.again or route.out:
            return False
        if failure.kind == "rate_limited":
            return await self._waited(failure.retry_after, self.remaining / 2)
        if failure.kind == "timeout" and others and self.remaining < 2 * self._timing.attempt:
            return False  # What is left belongs to the next endpoint.
        return bool(failure.problem) or await self._waited(self._timing.pause(), self.remaining)

    async def _waited(self, seconds: float, most: float) -> bool:
        if seconds > most:
            return False
        await self._timing.sleep(seconds)
        return True

    async def _attempt(self, route: Route, request: Request, *, others: bool) -> T | Failure | None:
        if self._began:
            await self._reader.restart()
        self._began, self._reader.plain = True, route.plain
        asked = route.asked(self._role, self._prices)
        async with contextlib.AsyncExitStack() as stack:
            try:
                # Limits count from when work begins: waiting for a place is not the endpoint's fault.
                waiting = route.endpoint.slots.taken(self._role, self.remaining, later=self._later)
                place = await stack.enter_async_context(waiting)
            except TimeoutError:
                asked.count("no_place")
                return Failure("timeout", blames_endpoint=False)
            seen = stack.enter_context(asked.observed(_operation(request), request))
            outcome = await self._unless_recalled(place, self._outcome(route, request, seen, others=others))
            if outcome is None:
                self._recalls, seen.outcome = self._recalls + 1, "recalled"
                return None
            seen.outcome = outcome.kind if isinstance(outcome, Failure) else "ok"
            return outcome

    async def _unless_recalled(self, place: Place, work: Coroutine[Any, Any, T | Failure]) -> T | Failure | None:
        """None where the place was wanted back before the end; who had to give way that often keeps it."""
        if self._recalls == RECALLS or place.order < PATIENT:
            return await work
        working = asyncio.ensure_future(work)
        recalled = asyncio.create_task(place.recalled.wait())
        try:
            await asyncio.wait((working, recalled), return_when=asyncio.FIRST_COMPLETED)
            return working.result() if working.done() else None
        finally:
            for task in (working, recalled):
                task.cancel()
            await asyncio.wait((working, recalled))

    async def _outcome(self, route: Route, request: Request, seen: Observation, *, others: bool) -> T | Failure:
        end = _End(seen)
        failure = await self._read(route, route.pieces(request), end, others=others)
        if seen.tokens:
            self._usage += priced(seen.tokens, route.model, self._prices)
        # What goes wrong after the end of an answer, or after a refusal, changes nothing.
        failure = failure if failure and not (end.finish or end.refused) else end.failure()
        if failure and end.finish == "length" and (end.thought or self._reader.thought):
            failure = replace(failure, parameter="room")
        if failure:
            return failure
        try:
            value = await self._reader.finish()
        except Rejected as rejected:
            return self._malformed(rejected)
        route.answered()
        route.learn(thinks=end.thought or self._reader.thought, aloud=self._reader.thought)
        if not seen.tokens:
            self._usage += UNTOLD
        return value

    async def _read(
        self, route: Route, pieces: AsyncGenerator[Piece, None], end: _End, *, others: bool
    ) -> Failure | None:
        timeout = _Timeout(self._timing, self.remaining, local=route.endpoint.local, others=others)
        try:
            async with asyncio.timeout_at(timeout.until) as limit, contextlib.aclosing(pieces):
                async for piece in pieces:
                    if piece.spoke and not end.spoke:
                        self._first_token = self._elapsed()
                        route.spoke()
                    end.take(piece)
                    limit.reschedule(timeout.after(end))
                    if piece.text:
                        await self._reader.add(piece.text)
        except TimeoutError:
            if not limit.expired():
                raise
            return Failure("timeout", blames_endpoint=timeout.long_enough)
        except Failed as failed:
            cut = end.spoke and failed.failure.kind == "connection"
            return Failure("cut_off") if cut else failed.failure
        except Rejected as rejected:
            end.finish = ""
            return self._malformed(rejected)
        return None

    def _malformed(self, rejected: Rejected) -> Failure:
        return Failure("malformed", problem=rejected.reason, answer=self._reader.text)


@dataclass
class _End:
    """What is known of an answer beside its text; `seen` is what may be told of it."""

    seen: Observation
    spoke: bool = False
    thought: bool = False
    refused: bool = False
    finish: str = ""

    def take(self, piece: Piece) -> None:
        if piece.spoke:
            self.seen.spoke()
        self.seen.model = piece.model or self.seen.model
        self.seen.finish = piece.finish or self.seen.finish
        self.seen.tokens = piece.tokens or self.seen.tokens
        self.spoke = self.spoke or piece.spoke
        self.thought = self.thought or piece.thought
        self.refused = self.refused or piece.refused
        self.finish = piece.finish or self.finish

    def failure(self) -> Failure | None:
        if self.refused:
            return Failure("refused")
        if self.finish == "length":
            return Failure("cut_off", problem="It was longer than allowed; be brief.", blames_endpoint=False)
        if self.finish == "error":
            return Failure("server_error")
        return None if self.finish else Failure("cut_off")


def _operation(request: Request) -> Operation:
    return "text_completion" if "prompt" in request else "chat"


class _Timeout:
    """Until when to wait for the next piece, by the loop's time."""

    def __init__(self, timing: Timing, remaining: float, *, local: bool, others: bool) -> None:
        self._now = asyncio.get_running_loop().time
        self._stall = timing.attempt
        self._ends = self._now() + min(timing.call, remaining)
        wanted = timing.to_first_token(local=local)
        # With a short budget, half of it is left for the next endpoint.
        first = min(wanted, remaining / 2 if others else remaining)
        self._speaks_by = min(self._now() + remaining / 2, self._ends) if others else self._ends
        self.until = min(self._now() + first, self._ends)
        self.long_enough = first >= wanted * LONG_ENOUGH
        """Whether an endpoint that misses it is to blame, not the caller's hurry."""

    def after(self, end: _End) -> float:
        """Until when, now that there was a sign of life."""
        stalled = self._now() + (FINISHED_GRACE if end.finish else self._stall)
        if end.spoke:
            self.until, self.long_enough = min(stalled, self._ends), stalled <= self._ends
        else:
            self.until = max(self.until, min(stalled, self._speaks_by))
        return self.until
