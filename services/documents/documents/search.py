"""Finding the pieces of documents that a query is about: by words, and by meaning where there are vectors."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import asyncpg
import structlog
from contracts.documents.asks import Hit, SearchAnswer, SearchAsk
from runtime.database import Database
from runtime.sql.tenants import as_tenant
from runtime.telemetry import failure

from documents.embeddings import Embedder, EmbeddingFailed
from documents.store import Vector, chunk_of
from documents.tenant import Tenant
from documents.words import query_of

log = structlog.get_logger()
CANDIDATES = 40
"""Pieces that each way of searching brings in."""
RANK_CONSTANT = 60
"""Reciprocal rank fusion as published (Cormack, Clarke and Büttcher 2009): a piece scores 1 / (60 + rank) each time."""
# Materialized, and the vector as a subquery: what stays the same is worked out once and not for every piece.
_WANTED = """
WITH wanted AS MATERIALIZED (
    SELECT id, kind, COALESCE(user_id, id) AS owner, {query} AS query FROM documents.documents
    WHERE id = ANY ($1) AND status = 'completed' AND NOT deleting
)
SELECT w.kind, c.* FROM wanted w JOIN documents.chunks c ON c.document_id = w.id
"""
_BY_WORDS = (
    _WANTED.format(query="websearch_to_tsquery(search_config, $2)")
    + """
WHERE c.words @@ w.query AND (cardinality($3::text[]) = 0 OR c.domains && $3)
ORDER BY ts_rank_cd(c.words, w.query, 1) DESC, c.document_id, c.chunk_index LIMIT $4
"""
)
_BY_MEANING = (
    _WANTED.format(query="NULL")
    + """
JOIN documents.vectors v ON v.owner = w.owner AND v.content_hash = c.content_hash AND v.model = $5
WHERE (cardinality($3::text[]) = 0 OR c.domains && $3)
ORDER BY v.embedding <=> (SELECT $2::text::vector), c.document_id, c.chunk_index LIMIT $4
"""
)


class Searcher:
    """Searches documents. `timeout` is how long, in seconds, a query waits for its vector before it goes without."""

    def __init__(self, database: Database, embedder: Embedder | None, timeout: float) -> None:
        self._database = database
        self._embedder = embedder
        self._timeout = timeout

    async def search(self, ask: SearchAsk) -> SearchAnswer:
        """Both ways, fused. By words alone where there is no vector in time, or none that can be compared."""
        vector = await self._vector(ask.query)
        tenant = Tenant(ask.user_id, ask.document_ids)
        scope = (list(ask.document_ids), list(ask.domains))
        found: list[Sequence[Mapping[str, Any]]] = []
        try:
            async with as_tenant(self._database, tenant, read_only=True) as connection:
                found.append(await connection.fetch(_BY_WORDS, scope[0], query_of(ask.query), scope[1], CANDIDATES))
                if vector is not None and self._embedder:
                    given = (scope[0], json.dumps(list(vector)), scope[1], CANDIDATES, self._embedder.model)
                    found.append(await connection.fetch(_BY_MEANING, *given))
        except asyncpg.DataError as error:
            # Lengths differ: a model of the same name answers elsewhere, or was exchanged.
            if not found:
                raise
            log.warning("searching by words alone", **failure(error))
        by_meaning = len(found) > 1 and bool(found[1])
        hits = tuple(fused(found))[: ask.limit]
        return SearchAnswer(hits=hits, by="words and meaning" if by_meaning else "words")

    async def _vector(self, query: str) -> Vector | None:
        if self._embedder is None or not query.strip():
            return None
        try:
            async with asyncio.timeout(self._timeout):
                return (await self._embedder.embed([query]))[0]
        except (TimeoutError, EmbeddingFailed) as error:
            log.warning("searching by words alone", **failure(error))
            return None


def fused(rankings: Iterable[Sequence[Mapping[str, Any]]]) -> list[Hit]:
    """Several rankings as one, by the sum of reciprocal ranks."""
    scores: dict[tuple[Any, int], float] = defaultdict(float)
    rows: dict[tuple[Any, int], Mapping[str, Any]] = {}
    for ranking in rankings:
        for rank, row in enumerate(ranking, 1):
            key = (row["document_id"], row["chunk_index"])
            scores[key] += 1 / (RANK_CONSTANT + rank)
            rows[key] = row
    best = sorted(scores, key=lambda key: (-scores[key], str(key[0]), key[1]))
    return [
        Hit(document_id=key[0], kind=rows[key]["kind"], chunk=chunk_of(rows[key]), score=scores[key]) for key in best
    ]
