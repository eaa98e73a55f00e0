"""Searches the web for something to read or practise with, by Serper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx2
import structlog
from pydantic import SecretStr
from runtime.telemetry import failure

log = structlog.get_logger()
TIMEOUT = 5.0
"""Seconds for one search: the report waits for it."""
MOST = 5


@dataclass(frozen=True)
class Hit:
    """A page that was found."""

    title: str
    url: str
    description: str


class Serper:
    """Google's results, through serper.dev or something that speaks like it."""

    def __init__(self, key: SecretStr, url: str) -> None:
        self._key = key
        self._url = url.rstrip("/")
        self._client = httpx2.AsyncClient(timeout=TIMEOUT)

    async def search(self, query: str) -> list[Hit]:
        """The first pages for a query; none when the search fails, for the report does not depend on it."""
        headers = {"X-API-KEY": self._key.get_secret_value()}
        try:
            response = await self._client.post(f"{self._url}/search", json={"q": query, "num": MOST}, headers=headers)
            response.raise_for_status()
            body = response.json()
        except (httpx2.HTTPError, ValueError) as error:
            log.warning("search failed", **failure(error))
            return []
        return _hits(body)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _hits(body: Any) -> list[Hit]:
    organic = body.get("organic") if isinstance(body, dict) else None
    found = (_hit(each) for each in organic or [] if isinstance(each, dict))
    return [hit for hit in found if hit is not None][:MOST]


def _hit(result: dict[str, Any]) -> Hit | None:
    title, url = str(result.get("title") or "").strip(), str(result.get("link") or "")
    if not title or not url.startswith(("https://", "http://")):
        return None
    return Hit(title[:200], url[:1000], str(result.get("snippet") or "").strip()[:500])
