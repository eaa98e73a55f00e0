"""Whether an answer over HTTP is one that the API's description has: the status, and the shape of its JSON."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import jsonschema_rs

from tools.openapi import Document, operations, present

_JSON = "application/json"


class Undescribed(AssertionError):
    """An answer that the description does not have."""


class Conformance:
    """Answers against one description."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._patterns = [
            (method, _pattern(path), path.count("{"), operation["responses"])
            for (method, path), operation in ((name.split(" ", 1), each) for name, each in operations(document).items())
        ]
        self._patterns.sort(key=lambda each: each[2])

    def must_describe(self, method: str, path: str, status: int, content_type: str, body: Any) -> None:
        """Compare an answer; one of a path that is not an operation passes. Raises Undescribed."""
        responses = self._responses(method, path.partition("?")[0])
        if responses is None or status == 405:
            return
        described = responses.get(str(status))
        if described is None:
            raise Undescribed(f"{method} answered {status}, which is not among {sorted(responses)}: {path}")
        content = self._resolved(described).get("content")
        media_type = content_type.partition(";")[0]
        if not content or not media_type:
            return
        if media_type not in content:
            raise Undescribed(f"{method} {path} answered {status} as {media_type}, not as one of {sorted(content)}")
        if media_type == _JSON:
            self._validate(method, path, status, content[_JSON]["schema"], body)

    def _responses(self, method: str, path: str) -> dict[str, Any] | None:
        for known, pattern, _, responses in self._patterns:
            if known == method and pattern.fullmatch(path.rstrip("/") or "/"):
                return dict(responses)
        return None

    def _resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in node:
            return node
        found: Any = self._document
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return dict(found)

    def _validate(self, method: str, path: str, status: int, schema: dict[str, Any], body: Any) -> None:
        rooted = {**schema, "components": self._document["components"]}
        try:
            jsonschema_rs.Draft202012Validator(rooted).validate(body)
        except jsonschema_rs.ValidationError as error:
            where = "/".join(map(str, error.instance_path))
            raise Undescribed(
                f"{method} {path} answered {status} with another shape at {where}: {error.message}"
            ) from None


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(
        "".join("[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]*\})", path))
    )


@cache
def conformance() -> Conformance:
    """The present description."""
    return Conformance(present())
