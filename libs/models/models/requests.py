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

_NEXT: dict[Parameter, dict[str, str]] = {
    "response_format": {"json_schema": "json_object", "json_object": "none"},
    "stream_options": {"stream_options": "none"},
    # Newer models of OpenAI's refuse the old name, older servers do not know the new one.
    "max_tokens": {"max_tokens": "max_completion_tokens", "max_completion_tokens": "none"},
    "temperature": {"temperature": "none"},
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
    """What one model on one endpoint was found to understand; remembered while the process lives."""

    response_format: FormatLevel = "json_schema"
    stream_options: str = "stream_options"
    max_tokens: str = "max_tokens"
    temperature: str = "temperature"

    def lower(self, parameter: Parameter, sent: Request) -> bool:
        """Do without a parameter as it was sent. False when it was not."""
        refused = _as_sent(parameter, sent)
        if refused is None:
            return False
        # A call that ran at the same time may have found out before.
        if getattr(self, parameter) == refused:
            setattr(self, parameter, _NEXT[parameter][refused])
        return True


def _as_sent(parameter: Parameter, sent: Request) -> str | None:
    if parameter == "response_format":
        return str(sent[parameter]["type"]) if parameter in sent else None
    return next((name for name in _NEXT[parameter] if name in sent), None)


def request(ask: Ask, model: str, dialect: Dialect, prompt_format: PromptFormat) -> Request:
    """Parameters of a streaming chat completion, or of a plain completion for Alpaca prompts."""
    alpaca = prompt_format == "alpaca"
    optional = {
        dialect.stream_options: {"include_usage": True},
        dialect.max_tokens: ask.max_tokens,
        dialect.temperature: ask.temperature,
        "stop": list(ask.stop) or ([ALPACA_STOP] if alpaca else None),
    }
    # Plain completions know no other name for the limit.
    unknown = {"none", "max_completion_tokens"} if alpaca else {"none"}
    sent = {name: value for name, value in optional.items() if value is not None and name not in unknown}
    rest = _completion(ask) if alpaca else _chat(ask, dialect.response_format)
    return {"model": model, "stream": True, **sent, **rest}


def _chat(ask: Ask, level: FormatLevel) -> Request:
    if ask.schema is None:
        return {"messages": list(ask.messages)}
    wanted = response_format(ask.schema, level)
    messages = ask.messages if level == "json_schema" else with_schema(ask.messages, ask.schema)
    return {"messages": list(messages)} | ({"response_format": wanted} if wanted else {})


def _completion(ask: Ask) -> Request:
    messages = with_schema(ask.messages, ask.schema) if ask.schema else ask.messages
    return {"prompt": as_alpaca(messages)}
