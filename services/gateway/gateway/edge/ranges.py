"""Parts of a file: players ask for them, to find out how long it is and to begin elsewhere."""

from __future__ import annotations

import re

from starlette.responses import Response

from gateway.problems import Problem

_BEHIND = "The part that was asked for begins behind the end of the file."
_ONE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def ranged(data: bytes, media_type: str, wanted: str | None, headers: dict[str, str]) -> Response:
    """The file, or the part of it that a `Range` header asks for (RFC 9110, section 14). What cannot be read, or are
    several parts, gets the whole. Raises Problem 416 for what begins behind the end."""
    headers = {**headers, "Accept-Ranges": "bytes"}
    found = _ONE.fullmatch((wanted or "").strip())
    if found is None or not any(found.groups()):
        return Response(data, media_type=media_type, headers=headers)
    first, last = found.groups()
    start = int(first) if first else max(0, len(data) - int(last))
    end = min(int(last), len(data) - 1) if first and last else len(data) - 1
    if start >= len(data) or start > end:
        raise Problem(416, _BEHIND, {"Content-Range": f"bytes */{len(data)}"})
    part = {"Content-Range": f"bytes {start}-{end}/{len(data)}"}
    return Response(data[start : end + 1], 206, {**headers, **part}, media_type)
