"""Questions between services on a real broker: whoever asks is answered at once, also when answering fails."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg
import pytest
import structlog
from contracts.session.asks import Outcome, OutcomeAsk, Progress, ProgressAsk
from contracts.subjects import ask_subject
from devkit.nats_connections import all_taken
from faststream.nats import NatsBroker
from nats.aio.client import Client
from prometheus_client import REGISTRY
from runtime.broker import ERROR_HEADER, MAX_ANSWER_BYTES, answer, ask, connection_of, make_broker
from runtime.errors import AskFailed
from runtime.settings import RuntimeSettings
from runtime.telemetry import bind_request, configure_logging, current_request

Answering = Callable[[OutcomeAsk], Awaitable[Outcome]]
SECRET = "what the candidate said"


@asynccontextmanager
async def answering(url: str, handler: Answering) -> AsyncIterator[NatsBroker]:
    broker = make_broker("session", RuntimeSettings(nats_url=url))
    answer(broker, "session", "outcome", OutcomeAsk, handler)
    await broker.start()
    await all_taken(connection_of(broker))  # a question from another connection would overtake the subscription
    try:
        yield broker
    finally:
        await broker.stop()


async def outcome(broker: NatsBroker, timeout: float = 5) -> Outcome:
    return await ask(broker, "session", "outcome", OutcomeAsk(session_id=uuid4()), Outcome, timeout=timeout)


def asked(result: str) -> float:
    labels = {"question": ask_subject("session", "outcome"), "result": result}
    return REGISTRY.get_sample_value("parley_ask_seconds_count", labels) or 0.0


def inner() -> None:
    raise RuntimeError(SECRET)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RuntimeError(SECRET), "failed"),
        (KeyError(SECRET), "failed"),
        (ConnectionRefusedError(SECRET), "unavailable"),
        (TimeoutError(SECRET), "unavailable"),
        (asyncpg.AdminShutdownError(SECRET), "unavailable"),
        (asyncpg.DiskFullError(SECRET), "unavailable"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
async def test_a_failing_ask_answers_a_code_at_once_and_is_counted(nats_url: str, error: Exception, code: str) -> None:
    async def fail(_: OutcomeAsk) -> Outcome:
        raise error

    before, began = asked(code), time.monotonic()
    async with answering(nats_url, fail) as broker:
        with pytest.raises(AskFailed) as failed:
            await outcome(broker)
    assert failed.value.code == code
    assert time.monotonic() - began < 4, "it answered, and did not let the asker wait"
    assert asked(code) == before + 1


@pytest.fixture
def logging_as_a_service() -> Iterator[None]:
    """Undo it afterwards: the output of this test is closed when the next one logs."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.usefixtures("logging_as_a_service")
async def test_a_failing_ask_is_logged_with_its_frames_and_request_and_without_words(
    nats_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def fail(_: OutcomeAsk) -> Outcome:
        inner()
        raise AssertionError

    configure_logging("session", RuntimeSettings())
    structlog.configure(cache_logger_on_first_use=False)
    bind_request("the-request")
    async with answering(nats_url, fail) as broker:
        with pytest.raises(AskFailed):
            await outcome(broker)
    bind_request("")
    [line] = [line for line in capsys.readouterr().out.splitlines() if "ask failed" in line]
    assert "error=RuntimeError" in line
    assert "test_asks.py" in line and ":inner" in line and ":fail" in line
    assert "subject=ask.session.outcome" in line
    assert "request=the-request" in line
    assert SECRET not in line


async def test_a_question_that_cannot_be_read_is_answered_with_a_code(nats_url: str, broker_connection: Client) -> None:
    async def never(_: OutcomeAsk) -> Outcome:
        raise AssertionError

    async with answering(nats_url, never):
        reply = await broker_connection.request(ask_subject("session", "outcome"), b"{nonsense", timeout=5)
    assert (reply.headers or {})[ERROR_HEADER] == "bad_request"


async def test_an_answer_that_does_not_fit_is_a_code_and_no_silence(nats_url: str) -> None:
    async def much(_: OutcomeAsk) -> Outcome:
        return Outcome(request_hash="x" * (MAX_ANSWER_BYTES + 1))

    async with answering(nats_url, much) as broker:
        with pytest.raises(AskFailed, match="too_large"):
            await outcome(broker)


async def test_work_for_an_asker_that_has_gone_is_stopped(nats_url: str) -> None:
    stopped = asyncio.Event()

    async def slow(_: OutcomeAsk) -> Outcome:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            stopped.set()
            raise
        return Outcome()

    async with answering(nats_url, slow) as broker:
        with pytest.raises((TimeoutError, AskFailed)):
            await outcome(broker, timeout=0.3)
        await asyncio.wait_for(stopped.wait(), 5)


async def test_the_request_goes_along(nats_url: str) -> None:
    seen: list[str] = []

    async def note(_: OutcomeAsk) -> Outcome:
        seen.append(current_request())
        return Outcome()

    async with answering(nats_url, note) as broker:
        bind_request("abc")
        await outcome(broker)
        bind_request("")
        await outcome(broker)
    assert seen == ["abc", ""]


async def test_a_question_that_nobody_answers_is_an_error_at_once(nats_url: str) -> None:
    async def note(_: OutcomeAsk) -> Outcome:
        return Outcome()

    async with answering(nats_url, note) as broker:
        with pytest.raises(Exception, match="no responders"):
            await ask(broker, "session", "progress", ProgressAsk(user_id=uuid4()), Progress)
