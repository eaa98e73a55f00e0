"""What libraries log: in our format, and without what an exception says."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Iterator

import pytest
from runtime import stdlog
from structlog.testing import capture_logs

SECRET = "the candidate's own words"


@pytest.fixture(autouse=True)
def _installed() -> Iterator[None]:
    root = logging.getLogger()
    before = list(root.handlers)
    stdlog.install()
    yield
    root.handlers = before


def test_an_exception_is_its_type_and_where_it_arose() -> None:
    with capture_logs() as lines:
        try:
            raise ValueError(SECRET)
        except ValueError:
            logging.getLogger("uvicorn.error").exception("Exception in ASGI application\n")
    [line] = lines
    assert (line["said"], line["error"], line["logger"]) == (
        "Exception in ASGI application",
        "ValueError",
        "uvicorn.error",
    )
    assert "test_an_exception_is" in line["at"] and SECRET not in str(line)


@pytest.mark.parametrize(
    ("message", "arguments"),
    [(ValueError(SECRET), ()), ("failed: %s", (SECRET,)), (f"failed\nexception={SECRET}", ())],
    ids=["an exception as the message", "an argument", "a further line"],
)
def test_what_a_message_carries_is_left_out(message: object, arguments: tuple[str, ...]) -> None:
    with capture_logs() as lines:
        logging.getLogger("library").error(message, *arguments)
    assert len(lines) == 1 and SECRET not in str(lines)


def test_so_is_an_exception_that_is_part_of_the_message() -> None:
    with capture_logs() as lines:
        try:
            raise ValueError(SECRET)
        except ValueError as error:
            logging.getLogger("library").error(f"failed: {error}", exc_info=error)
    assert lines[0]["said"] == "failed: ValueError" and SECRET not in str(lines)


async def test_and_a_task_that_nobody_waited_for() -> None:
    async def fails() -> None:
        raise ValueError(SECRET)

    with capture_logs() as lines:
        task = asyncio.create_task(fails())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        del task
        gc.collect()
    assert lines[0]["said"] == "Task exception was never retrieved" and SECRET not in str(lines)


def test_installing_it_twice_writes_one_line() -> None:
    stdlog.install()
    with capture_logs() as lines:
        logging.getLogger("library").warning("once")
    assert len(lines) == 1
