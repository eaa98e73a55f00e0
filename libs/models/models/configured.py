"""Endpoints and routes as the settings have them."""

from __future__ import annotations

from models.endpoint import Endpoint, Route
from models.settings import MAIN, QUESTION, Fallback, ModelSettings, Role
from models.slots import Leases
from models.timing import Timing

Endpoints = dict[str, Endpoint]


def endpoints_of(settings: ModelSettings, timing: Timing, leases: Leases | None = None) -> Endpoints:
    """By name: the first one, that of the role `question` if it has its own, and the fallbacks."""
    found: Endpoints = {}
    places = settings.model_concurrency
    if settings.has_main:
        key = settings.openai_api_key.get_secret_value()
        found[MAIN] = Endpoint(MAIN, settings.openai_base_url, key, timing, places, leases)
    if settings.has_question_endpoint:
        # Without a key of its own it gets none: the other key is not for this host.
        url = settings.question_base_url or settings.openai_base_url
        found[QUESTION] = Endpoint(QUESTION, url, settings.question_api_key.get_secret_value(), timing, places, leases)
    for name, one in settings.fallbacks():
        found[name] = Endpoint(name, one.base_url, one.api_key.get_secret_value(), timing, places, leases)
    return found


def routes_of(role: Role, settings: ModelSettings, endpoints: Endpoints) -> list[Route]:
    """Where the role may be asked, in order; nowhere when it is off."""
    model = settings.model_of(role)
    if not model:
        return []
    own = QUESTION if role == "question" and QUESTION in endpoints else MAIN
    names = {own: model} if own in endpoints else {}
    names |= {name: _model_on(one, role, model) for name, one in settings.fallbacks()}
    asked = [(endpoints[name], on) for name, on in names.items() if on]
    return [_route(endpoint, on, role, settings, first=not index) for index, (endpoint, on) in enumerate(asked)]


def _model_on(fallback: Fallback, role: Role, model: str) -> str:
    # The question model is one of a kind: another endpoint has a substitute, or nothing.
    return fallback.models.get(role, "" if role == "question" else model)


def _route(endpoint: Endpoint, model: str, role: Role, settings: ModelSettings, *, first: bool) -> Route:
    """Alpaca prompts are for the question model itself; a substitute is asked in chat."""
    alpaca = role == "question" and model == settings.question_model
    return Route(endpoint, model, settings.question_prompt_format if alpaca else "chat", first)
