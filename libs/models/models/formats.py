"""JSON answers: the schema that is asked for, and the object in what comes back. And Alpaca prompts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from models.errors import Rejected

M = TypeVar("M", bound=BaseModel)
FormatLevel = Literal["json_schema", "json_object", "none"]
"""How an endpoint is told what to answer. Below `json_schema` the schema is part of the prompt."""

_NOT_STRICT = {"default", "minLength", "maxLength", "minProperties", "maxProperties", "uniqueItems", "discriminator"}
"""What OpenAI's strict mode does not take. The answer is validated against all of the schema anyway."""
_NAMES_TO_SCHEMAS = {"properties", "$defs"}
_FENCE = re.compile(r"\s*(?:```\w*\s*)?")
_OBJECT = re.compile(r'\{\s*(?=["}])')
_JSON_PROMPT = """\
Answer with one JSON object and nothing else: no explanation, no code fence. \
It has to match this JSON Schema, with the properties in this order:
"""
_ALPACA = """\
Below is an instruction that describes a task, paired with an input that provides further context. \
Write a response that appropriately completes the request.

### Instruction:
{instruction}

### Input:
{input}

### Response:
"""
_ALPACA_WITHOUT_INPUT = """\
Below is an instruction that describes a task. Write a response that appropriately completes the request.

### Instruction:
{instruction}

### Response:
"""
_ALPACA_HEADING = re.compile(r"^(\s*)###+", re.MULTILINE)
ALPACA_STOP = "\n### "


@lru_cache(maxsize=256)
def strict_schema(schema: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema in OpenAI's strict dialect: everything required, nothing else allowed, in the order of the
    class. Do not change what is returned: it is shared."""
    import openai

    return _strict(openai.pydantic_function_tool(schema)["function"]["parameters"])


def _strict(node: Mapping[str, Any]) -> dict[str, Any]:
    kept = {"anyOf" if key == "oneOf" else key: value for key, value in node.items() if key not in _NOT_STRICT}
    return {key: _strict_part(value, names=key in _NAMES_TO_SCHEMAS) for key, value in kept.items()}


def _strict_part(part: Any, *, names: bool = False) -> Any:
    """`names`: the keys are names that the class chose, not words of JSON Schema."""
    if isinstance(part, list):
        return [_strict_part(item) for item in part]
    if not isinstance(part, dict):
        return part
    return {name: _strict_part(schema) for name, schema in part.items()} if names else _strict(part)


def response_format(schema: type[BaseModel], level: FormatLevel) -> dict[str, Any] | None:
    """The parameter of that name; None to send none."""
    if level == "none":
        return None
    if level == "json_object":
        return {"type": "json_object"}
    name = re.sub(r"[^\w-]", "_", schema.__name__, flags=re.ASCII)[:64]
    return {"type": "json_schema", "json_schema": {"name": name, "schema": strict_schema(schema), "strict": True}}


def with_schema(messages: Sequence[Mapping[str, Any]], schema: type[BaseModel]) -> list[Mapping[str, Any]]:
    """The messages, with the schema in words. Some chat templates take one system message, and only in front."""
    words = _JSON_PROMPT + json.dumps(strict_schema(schema), ensure_ascii=False)
    first = messages[0] if messages else {}
    if first.get("role") == "system" and isinstance(first.get("content"), str):
        return [{**first, "content": f"{first['content']}\n\n{words}"}, *messages[1:]]
    return [{"role": "system", "content": words}, *messages]


def object_start(text: str) -> int:
    """Where the JSON object begins that a text is, be it in a code fence; -1 if nowhere yet, or if there is prose
    before it: that may be a thought, with a draft in it, and the end decides."""
    match = _OBJECT.search(text)
    return match.start() if match and _FENCE.fullmatch(text, 0, match.start()) else -1


def parse_object(text: str, schema: type[M]) -> M:
    """The object in the text. Raises Rejected, which says what is wrong with it."""
    problem = "There was no complete JSON object in it."
    for found in _objects(text):
        try:
            return schema.model_validate_json(json.dumps(found))
        except ValidationError as error:
            problem = _problems(error)
    raise Rejected(problem)


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """Each complete object, but none from the inside of another, whole or broken."""
    # Not strict: local models write line breaks into strings.
    decoder, position = json.JSONDecoder(strict=False), 0
    while match := _OBJECT.search(text, position):
        try:
            found, position = decoder.raw_decode(text, match.start())
        except json.JSONDecodeError as error:
            position = max(error.pos, match.end())
        except RecursionError:
            return
        else:
            yield found


def _problems(error: ValidationError) -> str:
    items = error.errors(include_url=False, include_context=False, include_input=False)[:5]
    return "; ".join(f"{'.'.join(map(str, item['loc'])) or 'the object'}: {item['msg']}" for item in items)


def alpaca(instruction: str, input: str = "") -> str:
    """An Alpaca prompt. Headings in the two texts are lowered, so that they cannot pose as the prompt's own."""
    template = _ALPACA if input else _ALPACA_WITHOUT_INPUT
    values = {"instruction": instruction, "input": input}
    return template.format(**{key: _ALPACA_HEADING.sub(r"\1##", value).strip() for key, value in values.items()})


def as_alpaca(messages: Sequence[Mapping[str, Any]]) -> str:
    """System messages become the instruction, the user's the input; without the former, the latter instruct."""
    texts = {role: "\n\n".join(_contents(messages, role)) for role in ("system", "user")}
    return alpaca(texts["system"], texts["user"]) if texts["system"] else alpaca(texts["user"])


def _contents(messages: Sequence[Mapping[str, Any]], role: str) -> list[str]:
    return [str(message["content"]) for message in messages if message["role"] == role]
