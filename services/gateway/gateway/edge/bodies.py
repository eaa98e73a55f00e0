"""Reading JSON bodies as forgiving as the API promises."""

from __future__ import annotations

import json
from typing import Any

from fastapi import Request
from pydantic import BaseModel

from gateway.problems import Problem
from gateway.values import must_be_storable


async def read_json(request: Request) -> dict[str, Any]:
    """The fields of a JSON object. An empty body and `null` count as no fields, whatever the content type;
    a field that is null counts as absent. Raises Problem 400."""
    raw = await request.body()
    if not raw.strip():
        return {}
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise Problem(400, "The request body is not valid JSON.") from None
    if body is None:
        return {}
    if not isinstance(body, dict):
        raise Problem(400, "The request body must be a JSON object.")
    must_be_storable(body)
    return {name: value for name, value in body.items() if value is not None}


def documented(model: type[BaseModel], *, required: bool = False) -> dict[str, Any]:
    """How the description shows a body that `read_json` reads: null counts as absent."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    needed = schema.get("required", ())
    schema["properties"] = {
        name: field if name in needed else _or_null(field) for name, field in schema.get("properties", {}).items()
    }
    return {"requestBody": {"required": required, "content": {"application/json": {"schema": schema}}}}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    alternatives = schema.get("anyOf", ())
    if {"type": "null"} in alternatives:
        return schema
    about: dict[str, Any] = {name: schema[name] for name in ("title", "description", "default") if name in schema}
    bare = {name: value for name, value in schema.items() if name not in about}
    return {**about, "anyOf": [bare, {"type": "null"}]}
