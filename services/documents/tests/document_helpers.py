"""Documents as tests need them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from contracts.documents.asks import RegisterAsk
from contracts.documents.understanding import Chunk, Understanding
from contracts.vocabulary.document import DocumentKind
from documents.store import DocumentStore, Reading, StoredDocument, content_hash


@dataclass(frozen=True)
class AsOwner:
    """Runs statements as the owner of the tables."""

    url: str

    async def __call__(self, statement: str, *arguments: Any) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.url)
        try:
            return await connection.fetch(statement, *arguments)
        finally:
            await connection.close()

    async def count(self, table: str) -> int:
        """Rows of a table of the schema."""
        return (await self(f"SELECT count(*) FROM documents.{table}"))[0][0]


def upload_of(
    user_id: UUID | None,
    content: str = "a file",
    *,
    kind: DocumentKind = "resume",
    document_id: UUID | None = None,
    replaces: UUID | None = None,
    job_role: str | None = None,
) -> RegisterAsk:
    """What the gateway says of an upload."""
    return RegisterAsk(
        document_id=document_id or uuid4(),
        user_id=user_id,
        kind=kind,
        filename="cv.pdf",
        size=len(content),
        sha256=hashlib.sha256(content.encode()).hexdigest(),
        job_role=job_role,
        replaces=replaces,
    )


def chunks_of_lines(lines: Sequence[str], domains: tuple[str, ...] = ()) -> tuple[Chunk, ...]:
    """A piece for each line."""
    return tuple(
        Chunk(
            chunk_index=place,
            parent_section="experience",
            chunk_type="point",
            entry_index=0,
            text=line,
            domains=domains,
            primary_domain=domains[0] if domains else None,
        )
        for place, line in enumerate(lines)
    )


def reading_of(
    lines: Sequence[str],
    *,
    language: str | None = "en",
    domains: tuple[str, ...] = (),
    model: str | None = None,
    vectors: Sequence[Sequence[float]] = (),
    understanding: Understanding | None = None,
) -> Reading:
    """What was read of a document with these lines."""
    chunks = chunks_of_lines(lines, domains)
    hashes = [content_hash(chunk.text) for chunk in chunks]
    return Reading(
        media_type="pdf",
        body="\n".join(["Jane Doe, jane@example.org", *lines]),
        body_without_contact="\n".join(lines),
        chunks=chunks,
        understanding=understanding or Understanding(),
        pages=1,
        words=sum(len(line.split()) for line in lines),
        truncated=False,
        language=language,
        embedded_by=model,
        vectors=dict(zip(hashes, vectors, strict=True)) if model else None,
    )


async def a_document(
    store: DocumentStore, user_id: UUID | None, lines: Sequence[str], *, kind: DocumentKind = "resume", **reading: Any
) -> StoredDocument:
    """A document that was uploaded and read."""
    registered = await store.register(upload_of(user_id, "\n".join(lines), kind=kind))
    assert registered.document_id
    document = await store.find(registered.document_id, user_id)
    assert document and await store.complete(document, reading_of(lines, **reading))
    return document
