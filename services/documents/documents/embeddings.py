"""Vectors for texts: from the configured endpoint, the encoder of this host, or a small model that a library ships."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import structlog
from models.errors import classify
from models.settings import OPENAI
from models.telemetry import Asked, Observation
from models.usage import Prices
from runtime.telemetry import failure

from documents.encoding import Encoding
from documents.settings import DocumentsSettings

if TYPE_CHECKING:
    from openai import AsyncOpenAI

log = structlog.get_logger()
BATCH = 256
"""Texts per request; an endpoint may refuse more than 2048."""
TOGETHER = 8
"""Texts of a document that wait for the encoder at a time, so that others have their turn in between."""
LOCAL = "wordllama-l2-supercat-256"
_LOCAL_PACKAGE = "wordllama"
_UNUSED_KEY = "none"
_ODD_ANSWERS = (OSError, ValueError, TypeError, AttributeError)
LONGEST = 16_000
LARGEST = 3e38
"""What Postgres takes: so many numbers, of four bytes each."""


class EmbeddingFailed(Exception):
    """There are no vectors this time."""


class Embedder(Protocol):
    """Turns texts into vectors. `model` names what made them: vectors of two models are never compared."""

    model: str

    async def embed(self, texts: Sequence[str]) -> list[Sequence[float]]:
        """A unit vector for each text. Raises EmbeddingFailed."""

    async def aclose(self) -> None:
        """Let go of connections."""


class EndpointEmbedder:
    """Any OpenAI-compatible endpoint. `timeout` is in seconds for one request, of which there are at most three."""

    def __init__(
        self, base_url: str, key: str, model: str, dimensions: int, timeout: float, prices: Prices | None = None
    ) -> None:
        self.model = f"{model}@{dimensions}" if dimensions else model
        self._asked = model
        self._dimensions = dimensions
        self._options: dict[str, Any] = {"api_key": key or _UNUSED_KEY, "base_url": base_url or None}
        address = urlsplit(base_url or OPENAI)
        port = address.port or (443 if address.scheme == "https" else 80)
        self._seen = Asked("embeddings", "embeddings", model, address.hostname or "", port, prices or {})
        self._seen.announce()
        self._timeout = timeout

    @cached_property
    def _client(self) -> AsyncOpenAI:
        # Importing the SDK takes most of a second: not before it is needed.
        from openai import AsyncOpenAI

        return AsyncOpenAI(timeout=self._timeout, max_retries=2, **self._options)

    async def embed(self, texts: Sequence[str]) -> list[Sequence[float]]:
        found: list[Sequence[float]] = []
        for start in range(0, len(texts), BATCH):
            found += await self._batch(list(texts[start : start + BATCH]))
        return found

    async def _batch(self, texts: list[str]) -> list[Sequence[float]]:
        from openai import OpenAIError

        sized: dict[str, Any] = {"dimensions": self._dimensions} if self._dimensions else {}
        try:
            with self._seen.observed("embeddings", sized) as seen:
                try:
                    return await self._asked_for(texts, sized, seen)
                except (OpenAIError, *_ODD_ANSWERS) as error:
                    seen.outcome = classify(error).kind
                    raise
        except (OpenAIError, *_ODD_ANSWERS) as error:
            # A compatible endpoint may answer with anything; its words may quote ours.
            log.warning("no vectors", **failure(error))
            raise EmbeddingFailed(type(error).__name__) from None

    async def _asked_for(self, texts: list[str], sized: dict[str, Any], seen: Observation) -> list[Sequence[float]]:
        answer = await self._client.embeddings.create(model=self._asked, input=texts, **sized)
        tokens = getattr(answer.usage, "prompt_tokens", None)  # not every endpoint counts
        if isinstance(tokens, int):
            seen.model, seen.tokens = str(answer.model), (tokens, 0)
        ordered = sorted(answer.data, key=lambda each: each.index)
        return _checked([each.embedding for each in ordered], len(texts), self._dimensions)

    async def aclose(self) -> None:
        if "_client" in self.__dict__:
            await self._client.close()


class HostEmbedder:
    """The encoder that this service runs for all. `model` is the one that it is known by as long as this process lives:
    one that is installed later makes vectors for searches after a restart, so that no document has some of each."""

    def __init__(self, encoding: Encoding, model: str) -> None:
        self.model = model
        self._encoding = encoding

    async def embed(self, texts: Sequence[str]) -> list[Sequence[float]]:
        found: list[Sequence[float]] = []
        for start in range(0, len(texts), TOGETHER):
            found += await self._part(texts[start : start + TOGETHER], urgent=len(texts) == 1)
        return found

    async def _part(self, texts: Sequence[str], *, urgent: bool) -> list[Sequence[float]]:
        try:
            made = await self._encoding.vectors(texts, urgent=urgent)
        except Exception as error:  # a model may fail in any way
            raise EmbeddingFailed(type(error).__name__) from None
        if made is None or made.model != self.model:
            raise EmbeddingFailed("it is not loaded")
        return _checked(made.rows.tolist(), len(texts))

    async def aclose(self) -> None:
        return


class LocalEmbedder:
    """WordLlama: word vectors of a language model, averaged. Half a second and 60 MB once, under a millisecond each.

    It knows English best. Its weights are part of the package; nothing is fetched.
    """

    model = LOCAL

    @cached_property
    def _model(self) -> Any:
        from wordllama import WordLlama

        folder = Path(str(find_spec(_LOCAL_PACKAGE).origin)).parent  # type: ignore[union-attr]
        return WordLlama.load(cache_dir=folder, disable_download=True)

    async def embed(self, texts: Sequence[str]) -> list[Sequence[float]]:
        return await asyncio.to_thread(self._embed, list(texts))

    def _embed(self, texts: list[str]) -> list[Sequence[float]]:
        try:
            return _checked(self._model.embed(texts, norm=True).tolist(), len(texts))
        except (OSError, ImportError, ValueError, TypeError) as error:
            raise EmbeddingFailed(type(error).__name__) from None

    async def aclose(self) -> None:
        return


def _checked(vectors: list[Sequence[float]], count: int, dimensions: int = 0) -> list[Sequence[float]]:
    """The vectors, if there are so many, all of one length, and of numbers. Raises TypeError, ValueError."""
    length = dimensions or len(vectors[0]) if vectors else 0
    if len(vectors) != count or not all(len(each) == length and 0 < length <= LONGEST for each in vectors):
        raise ValueError("vectors of another number or length")
    # A sum that is not a number, or has no end, is no smaller.
    if not all(sum(map(abs, each)) < LARGEST for each in vectors):
        raise ValueError("vectors with what is no number")
    return vectors


def make_embedder(settings: DocumentsSettings, host: HostEmbedder | None) -> Embedder | None:
    """The embedder that the settings ask for; None where search is by words alone. `host` is there where an encoder is
    installed. Raises ValueError."""
    key = settings.embedding_api_key.get_secret_value()
    base_url = settings.embedding_base_url
    if not base_url and not key:
        key, base_url = settings.openai_api_key.get_secret_value(), settings.openai_base_url
    choice = settings.embeddings
    if choice == "endpoint" or (choice == "auto" and (key or base_url)):
        if not key and not base_url:
            raise ValueError("EMBEDDINGS is endpoint, but neither OPENAI_API_KEY nor EMBEDDING_BASE_URL is set")
        return EndpointEmbedder(
            base_url,
            key,
            settings.embedding_model,
            settings.embedding_dimensions,
            settings.embedding_timeout,
            settings.model_prices,
        )
    if choice == "auto" and host:
        return host
    installed = find_spec(_LOCAL_PACKAGE) is not None
    if choice == "local" and not installed:
        raise ValueError("EMBEDDINGS is local, but the extra `local` of parley-documents is not installed")
    return LocalEmbedder() if installed and choice in ("local", "auto") else None
