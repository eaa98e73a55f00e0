"""A language model on this machine, looked for before the services start: their first word says who interviews."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping

from models.nearby import Choice, Search, search
from models.settings import ModelSettings

SWITCH = "MODEL_SERVER"
LOOK_SECONDS = 0.2
ADVICE = (
    "no language model here: the built-in interviewer asks and judges. For better interviews install Ollama, fetch a"
    " model of 7 billion parameters or more (`ollama pull llama3.1:8b`), and start again; or set OPENAI_API_KEY"
)


def wanted(environment: Mapping[str, str]) -> bool:
    """Whether nobody chose models, or said that none is to be looked for."""
    off = environment.get(SWITCH, "").lower() == "off" or bool(environment.get("CI"))
    with contextlib.suppress(ValueError):  # which the services then say, each of them
        return not off and not ModelSettings().configured
    return False


def find(
    port: int,
    say: Callable[[str], None],
    told_to_stop: Callable[[], bool],
    ports: Mapping[str, int] = {},
) -> dict[str, str]:
    """Settings for the services, by which they use what is found; none where nothing is. `port` is the gateway's own;
    `ports` those of model servers, where they are not the usual ones."""
    found = asyncio.run(_until(told_to_stop, ports, port, say))
    for line in found.passed_over:
        say(line)
    if found.choice is None:
        say(ADVICE)
        return {}
    say(_says(found.choice))
    return found.choice.settings


def _says(choice: Choice) -> str:
    return (
        f"{choice.model} on {choice.server.name} interviews and judges: a question took it {choice.seconds:.1f} s."
        f" {SWITCH}=off leaves it out"
    )


async def _until(
    told_to_stop: Callable[[], bool], ports: Mapping[str, int], port: int, say: Callable[[str], None]
) -> Search:
    searching = asyncio.create_task(search(ports, avoid={port}, say=say))
    while not searching.done() and not told_to_stop():
        await asyncio.wait({searching}, timeout=LOOK_SECONDS)
    if not searching.done():
        searching.cancel()
        await asyncio.gather(searching, return_exceptions=True)
        return Search()
    return searching.result()
