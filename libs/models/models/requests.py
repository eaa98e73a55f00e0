"""What is sent to an endpoint, as far as it understands it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel

from models.errors import Parameter
from models.formats import ALPACA_STOP, FormatLevel, as_alpaca, response_format, with_schema
from models.settings import PromptFormat

Message = Mapping[str, Any]
Request = dict[str, Any]

ROOMS = (0, 2_000, 8_000)
"""Tokens for thoughts, beside those of the answer: what is given next where they do not suffice."""
GUESSES = 3
"""Ever simpler requests for an endpoint that refuses one and does not say why."""
_UNSENT = frozenset({"none", "unused"})
_NEXT: dict[Parameter, dict[str, str]] = {
    "response_format": {"json_schema": "json_object", "json_object": "none"},
    "stream_options": {"stream_options": "none"},
    # Newer models of OpenAI's refuse the old name, older servers do not know the new one.
    "max_tokens": {"max_tokens": "max_completion_tokens", "max_completion_tokens": "none"},
    "temperature": {"temperature": "none"},
    "roles": {"system": "user"},
    "reasoning_effort": {"reasoning_effort": "none"},
}
"""What to send next, by what was refused: names of parameters, or types of response formats."""


@dataclass(frozen=True)
class Ask:
    """A request, whoever answers it. `schema` asks for a JSON object."""

    messages: Sequence[Message]
    schema: type[BaseModel] | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    stop: Sequence[str] = ()

    def corrected(self, answer: str, problem: str) -> Ask:
        """The same request again, with the answer that could not be used and the reason."""
        again = f"Your last answer cannot be used: {problem}\nAnswer the request again, in full."
        alone = " Give the JSON object alone." if self.schema else ""
        given = [{"role": "assistant", "content": answer}] if answer else []
        return replace(self, messages=[*self.messages, *given, {"role": "user", "content": again + alone}])


@dataclass
class Dialect:
    """What one model on one endpoint was found to understand, and whether it thinks aloud; remembered while the process
    lives. `plain`: its text began with the answer each time, and at least once."""

    response_format: FormatLevel = "json_schema"
    stream_options: str = "stream_options"
    max_tokens: str = "max_tokens"
    temperature: str = "temperature"
    roles: str = "system"
    reasoning_effort: str = "unused"
    room: int = ROOMS[0]
    plain: bool | None = None

    def learn(self, *, thinks: bool, aloud: bool) -> None:
        """From a whole answer: whether the model thought before it, and did so in its text."""
        self.plain = not aloud and self.plain is not False
        if thinks:
            self.room = max(self.room, ROOMS[1])
            if self.reasoning_effort == "unused":
                self.reasoning_effort = "reasoning_effort"

    def guessed(self, step: int) -> Dialect:
        """A simpler one, the simpler the higher the step: the schema in words, one voice in place of two roles, and
        nothing that can be left out."""
        if step == 0:
            return self
        object_only: FormatLevel = "json_object" if self.response_format == "json_schema" else "none"
        simpler = replace(self, response_format=object_only)
        if step > 1:
            simpler = replace(simpler, response_format="none", roles="user")
        if step > 2:
            simpler = replace(simpler, stream_options="none", temperature="none", reasoning_effort="none")
        return simpler

    def lower(self, parameter: Parameter, sent: Request) -> bool:
        """Do without a parameter as it was sent. False when it was not."""
        if parameter == "room":
            return self._more_room(sent)
        refused = _as_sent(parameter, sent)
        if refused is None:
            return False
        # A call that ran at the same time may have found out before.
        if getattr(self, parameter) == refused:
            setattr(self, parameter, _NEXT[parameter][refused])
        return True

    def _more_room(self, sent: Request) -> bool:
        larger = [each for each in ROOMS if each > self.room]
        if not larger or _as_sent("max_tokens", sent) is None:
            return False
        self.room = larger[0]
        return True


def _as_sent(parameter: Parameter, sent: Request) -> str | None:
    if parameter == "response_format":
        return str(sent[parameter]["type"]) if parameter in sent else None
    if parameter == "roles":
        return "system" if any(each["role"] == "system" for each in sent.get("messages", ())) else None
    return next((name for name in _NEXT[parameter] if name in sent), None)


def request(ask: Ask, model: str, dialect: Dialect, prompt_format: PromptFormat) -> Request:
    """Parameters of a streaming chat completion, or of a plain completion for Alpaca prompts."""
    alpaca = prompt_format == "alpaca"
    optional = {
        dialect.stream_options: {"include_usage": True},
        dialect.max_tokens: ask.max_tokens and ask.max_tokens + dialect.room,
        dialect.temperature: ask.temperature,
        dialect.reasoning_effort: "low",
        "stop": list(ask.stop) or ([ALPACA_STOP] if alpaca else None),
    }
    # Plain completions know no other name for the limit, and nothing of thoughts.
    unknown = _UNSENT | {"max_completion_tokens", "reasoning_effort"} if alpaca else _UNSENT
    sent = {name: value for name, value in optional.items() if value is not None and name not in unknown}
    rest = _completion(ask) if alpaca else _chat(ask, dialect)
    return {"model": model, "stream": True, **sent, **rest}


def _chat(ask: Ask, dialect: Dialect) -> Request:
    messages, wanted = ask.messages, None
    if ask.schema is not None:
        wanted = response_format(ask.schema, dialect.response_format)
        messages = messages if dialect.response_format == "json_schema" else with_schema(messages, ask.schema)
    messages = list(messages) if dialect.roles == "system" else _without_system(messages)
    return {"messages": messages} | ({"response_format": wanted} if wanted else {})


def _without_system(messages: Sequence[Message]) -> list[Message]:
    """The user says what the system did, and nobody speaks twice in a row: some chat templates know no other order."""
    merged: list[Message] = []
    for each in messages:
        role = "user" if each["role"] == "system" else each["role"]
        if merged and merged[-1]["role"] == role:
            merged[-1] = {**each, "role": role, "content": f"{merged[-1]['content']}\n\n{each['content']}"}
        else:
            merged.append({**each, "role": role})
    return merged


def _completion(ask: Ask) -> Request:
    messages = with_schema(ask.messages, ask.schema) if ask.schema else ask.messages
    return {"prompt": as_alpaca(messages)}
