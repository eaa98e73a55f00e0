"""Which form of an answer a client prefers."""

from __future__ import annotations

from collections.abc import Sequence


def preferred(accept: str, offered: Sequence[str]) -> str:
    """The media type of `offered` that an `Accept` header ranks highest; the first one where it ranks none, or several
    alike. RFC 9110, section 12.5.1: the most specific range that matches a type has its weight."""
    ranges = [_range(each) for each in accept.lower().split(",")]

    def weight(media_type: str) -> float:
        kind = media_type.partition("/")[0]
        for wanted in (media_type, f"{kind}/*", "*/*"):
            if found := [quality for name, quality in ranges if name == wanted]:
                return max(found)
        return 0.0

    return max(offered, key=weight)


def _range(text: str) -> tuple[str, float]:
    name, *parameters = (part.strip() for part in text.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return name, float(parameter[2:])
            except ValueError:
                return name, 0.0
    return name, 1.0
