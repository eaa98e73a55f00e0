"""A model server on this machine: found by what only such a server answers, and used if it is good enough to interview.

Each kind is looked for at its usual port of the loopback address, by GET alone. What is found is asked as an
interviewer asks: who does not keep to a schema, or needs too long for a question, is left alone.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2
from pydantic import BaseModel, Field

from models.chain import Chain
from models.endpoint import Endpoint, Route
from models.errors import ModelRefused, NoModel
from models.timing import Timing

HOST = "127.0.0.1"
LOOK_SECONDS = 1.0
"""For each of the few requests that tell what answers at a port."""
LEAST_BILLIONS = 3.0
"""Parameters. Smaller models keep to a schema, and ask questions that lead nowhere."""
COMFORTABLE_BILLIONS = 15.0
"""Larger ones are tried last: on most machines they are too slow, and may take minutes to load."""
MOST_TRIED = 3
LOADING_SECONDS = 60.0
FLOOR_SECONDS = 8.0
"""For one question, once the model is loaded: a reply is waited for no longer than 15 seconds."""
_PARAMETERS = re.compile(r"(?<![\w.])(?:(\d+)x)?(\d+(?:\.\d+)?)([bm])(?![a-z])", re.IGNORECASE)
_EMBEDS = re.compile(r"embed|\bbert|rerank", re.IGNORECASE)


@dataclass(frozen=True)
class NearbyModel:
    """A model that a server has. `billions` are its parameters, None where nothing tells."""

    name: str
    billions: float | None = None
    loaded: bool = False


@dataclass(frozen=True)
class NearbyServer:
    """A server that was recognised."""

    name: str
    port: int
    models: tuple[NearbyModel, ...]

    @property
    def url(self) -> str:
        """Its OpenAI-compatible endpoint."""
        return f"http://{HOST}:{self.port}/v1"


@dataclass(frozen=True)
class Choice:
    """What to use, and how many seconds a question took."""

    server: NearbyServer
    model: str
    seconds: float

    @property
    def settings(self) -> dict[str, str]:
        """As environment variables of the services."""
        roles = ("INTERVIEWER_MODEL", "SMALL_MODEL", "COACH_MODEL", "DOCUMENTS_MODEL")
        return {"OPENAI_BASE_URL": self.server.url} | dict.fromkeys(roles, self.model)


@dataclass
class Search:
    """What came of looking. `passed_over` says of each model that was found why it is not used, in words."""

    choice: Choice | None = None
    passed_over: list[str] = field(default_factory=list)


class _Web:
    """GETs at one port. Whatever is not JSON is nothing."""

    def __init__(self, client: httpx2.AsyncClient, port: int) -> None:
        self._client = client
        self._port = port

    async def get(self, path: str) -> Mapping[str, Any]:
        try:
            answer = await self._client.get(f"http://{HOST}:{self._port}{path}")
            found = answer.json() if answer.status_code == 200 else {}
        except (httpx2.HTTPError, ValueError):
            return {}
        return found if isinstance(found, Mapping) else {}

    async def listed(self, path: str, key: str = "data") -> list[Mapping[str, Any]]:
        found = (await self.get(path)).get(key)
        return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


async def _ollama(web: _Web) -> list[NearbyModel]:
    if not isinstance((await web.get("/api/version")).get("version"), str):
        return []
    running = {str(each.get("name")) for each in await web.listed("/api/ps", "models")}
    found = []
    for each in await web.listed("/api/tags", "models"):
        details = each.get("details")
        about = details if isinstance(details, Mapping) else {}
        name = str(each.get("name"))
        if not _EMBEDS.search(f"{name} {about.get('family', '')}"):
            found.append(NearbyModel(name, _billions(str(about.get("parameter_size", "")), name), name in running))
    return found


async def _lm_studio(web: _Web) -> list[NearbyModel]:
    return [
        NearbyModel(str(each["id"]), _billions(str(each["id"])), each.get("state") == "loaded")
        for each in await web.listed("/api/v0/models")
        if "id" in each and each.get("type") in ("llm", "vlm")
    ]


async def _llama_cpp(web: _Web) -> list[NearbyModel]:
    if "default_generation_settings" not in await web.get("/props"):
        return []
    found = []
    for each in await web.listed("/v1/models"):
        meta = each.get("meta")
        count = meta.get("n_params") if isinstance(meta, Mapping) else None
        billions = count / 1e9 if isinstance(count, int | float) else _billions(str(each.get("id")))
        found.append(NearbyModel(str(each.get("id")), billions, loaded=True))
    return found


async def _vllm(web: _Web) -> list[NearbyModel]:
    return [
        NearbyModel(str(each["id"]), _billions(str(each["id"])), loaded=True)
        for each in await web.listed("/v1/models")
        if "id" in each and each.get("owned_by") == "vllm"
    ]


KINDS: Mapping[str, tuple[int, Callable[[_Web], Awaitable[list[NearbyModel]]]]] = {
    "Ollama": (11434, _ollama),
    "LM Studio": (1234, _lm_studio),
    "llama.cpp": (8080, _llama_cpp),
    "vLLM": (8000, _vllm),
}
"""The usual port of each, and what tells it from whatever else may answer there."""


def _billions(*told: str) -> float | None:
    """Of parameters, by the first text that says it, such as "8.0B" or "mixtral-8x7b"."""
    for text in told:
        if found := _PARAMETERS.search(text.replace("_", "-")):
            return float(found[2]) * int(found[1] or 1) / (1 if found[3] in "bB" else 1000)
    return None


async def servers(ports: Mapping[str, int] = {}, *, avoid: Collection[int] = ()) -> list[NearbyServer]:
    """What answers. `ports` replaces the usual ones, by name; those in `avoid` are not asked."""
    wanted = {name: (ports.get(name, port), look) for name, (port, look) in KINDS.items()}
    async with httpx2.AsyncClient(timeout=LOOK_SECONDS, trust_env=False, follow_redirects=False) as client:
        looked = [(name, port, look(_Web(client, port))) for name, (port, look) in wanted.items() if port not in avoid]
        found = await asyncio.gather(*(looking for _, _, looking in looked))
    return [
        NearbyServer(name, port, tuple(models)) for (name, port, _), models in zip(looked, found, strict=True) if models
    ]


def in_order(found: Sequence[NearbyServer]) -> list[tuple[NearbyServer, NearbyModel]]:
    """All models, the best to try first: those that are loaded, then the larger ones that are not too large."""

    def rank(pair: tuple[NearbyServer, NearbyModel]) -> tuple[bool, bool, float]:
        size = pair[1].billions or 0.0
        return not pair[1].loaded, size > COMFORTABLE_BILLIONS, -size

    return sorted(((server, model) for server in found for model in server.models), key=rank)


class _Question(BaseModel):
    """What the interviewer asks a model for, in short."""

    reasoning: str = Field(max_length=400)
    text: str = Field(min_length=10, max_length=600)
    expects: list[str] = Field(min_length=1, max_length=6)


_INSTRUCTIONS = (
    "You interview a candidate for the position of {role}. Read what they said, and ask one question that follows from"
    " it, in one sentence that ends with a question mark. Say first why you ask it, and at the end what a good answer"
    " shows, in one to four short points."
)
_TALK = (
    "I looked after the booking system of a chain of clinics for four years. When I came, two patients were given the"
    " same hour some thirty times a week. I moved the decision into one transaction with a lock on the room, wrote a"
    " test that books from fifty threads, and it has not happened since. The hard part was the old appointments: we"
    " could not call everybody, so that I wrote to each clinic with its own list. "
) * 6
"""About as long as what the interviewer tells a model, since reading that is part of the time."""


async def search(
    ports: Mapping[str, int] = {},
    *,
    avoid: Collection[int] = (),
    floor: float = FLOOR_SECONDS,
    loading: float = LOADING_SECONDS,
    say: Callable[[str], None] = lambda line: None,
) -> Search:
    """Look, and try what is found until one is good enough."""
    result = Search()
    tried = 0
    for server, model in in_order(await servers(ports, avoid=avoid)):
        label = f"{model.name} on {server.name}"
        if model.billions is not None and model.billions < LEAST_BILLIONS:
            result.passed_over.append(f"{label} is too small to interview")
            continue
        if tried == MOST_TRIED:
            break
        tried += 1
        say(f"trying {label}, which may have to be loaded first")
        outcome = await _tried(server, model.name, floor, loading)
        if isinstance(outcome, float):
            result.choice = Choice(server, model.name, outcome)
            break
        result.passed_over.append(f"{label} {outcome}")
    return result


async def _tried(server: NearbyServer, model: str, floor: float, loading: float) -> float | str:
    """Seconds for a question, or why not."""
    timing = Timing(attempt=loading, call=loading, loading=loading)
    endpoint = Endpoint(server.name, server.url, "", timing)
    chain = Chain("interviewer", [Route(endpoint, model, "chat", True)], timing, {})
    try:
        # Each in other words from the start, so that nothing of the first is remembered in the second.
        for role, budget in (("software developer", loading), ("database engineer", 2 * floor)):
            began = time.monotonic()
            messages = [
                {"role": "system", "content": _INSTRUCTIONS.format(role=role)},
                {"role": "user", "content": f"For the position of {role}:\n{_TALK}"},
            ]
            answer = await chain.structured(messages, _Question, budget=budget, temperature=0.3, max_tokens=400)
            if "?" not in answer.value.text:
                return "asked no question"
            seconds = time.monotonic() - began
    except (NoModel, ModelRefused) as error:
        slow = isinstance(error, NoModel) and error.kinds and error.kinds[-1] == "timeout"
        return "did not answer in time" if slow or not getattr(error, "kinds", ()) else "did not keep to a schema"
    finally:
        await endpoint.aclose()
    return seconds if seconds <= floor else f"took {seconds:.1f} s for a question"
