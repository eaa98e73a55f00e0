"""What is kept of documents in Postgres."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from contracts.documents.asks import DocumentListAsk, DocumentView, Quota, RegisterAsk, Registered
from contracts.documents.understanding import Chunk, Understanding
from contracts.vocabulary.document import DocumentKind, FailureCode, MediaType
from runtime.database import Database
from runtime.sql.tenants import as_role, as_tenant

from documents.quotas import Quotas
from documents.tenant import SWEEPER_ROLE, Tenant
from documents.words import search_config, searchable

Vector = Sequence[float]
_SHOWN = """
    id, kind, filename, media_type, size, status, error_code, error, job_role, language, pages, words, chunk_count,
    truncated, embedded_by, version, series_id, created_at, processed_at,
    version >= documents.newest(series_id, user_id) AS latest
"""
_REGISTER = """
INSERT INTO documents.documents AS d
    (id, user_id, kind, filename, size, sha256, job_role, series_id, version, caller)
VALUES ($1::uuid, $2, $3, $4, $5, $6, $7, COALESCE($8::uuid, $1), COALESCE($9::integer, 1), $10)
ON CONFLICT (user_id, kind, sha256) WHERE user_id IS NOT NULL AND NOT deleting DO UPDATE SET
    filename = EXCLUDED.filename, job_role = COALESCE(EXCLUDED.job_role, d.job_role), updated_at = now(),
    series_id = COALESCE($8, d.series_id),
    version = CASE WHEN $8 IS NULL OR d.id = $1 OR (d.series_id, d.version) = ($8, $9 - 1) THEN d.version ELSE $9 END,
    status = CASE d.status WHEN 'error' THEN 'processing' ELSE d.status END, error = NULL, error_code = NULL
RETURNING id, status
"""
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('documents of ' || $1, 0))"
"""Of one account, or one caller: two uploads at once would each find room for one."""
_HOW_MUCH = """
SELECT count(*) FILTER (WHERE status = 'processing')::int AS waiting, count(*)::int AS all,
    COALESCE(sum(size), 0)::bigint AS size, COALESCE(bool_or(kind = $2 AND sha256 = $3), false) AS known
FROM documents.documents WHERE user_id = $1 AND NOT deleting
"""
_COMPLETE = """
UPDATE documents.documents SET status = 'completed', error = NULL, error_code = NULL, language = $2,
    search_config = $3::text::regconfig, pages = $4, words = $5, chunk_count = $6, truncated = $7, embedded_by = $8,
    body = $9, body_without_contact = $10, understanding = $11, media_type = $12, updated_at = now(),
    processed_at = now(), caller = NULL
WHERE id = $1 AND status = 'processing' AND NOT deleting
"""
_FAIL = """
UPDATE documents.documents SET status = 'error', error_code = $2, error = $3, updated_at = now(), caller = NULL
WHERE id = $1 AND status = 'processing' AND NOT deleting
"""
_REOPEN = """
UPDATE documents.documents SET status = 'processing', error = NULL, error_code = NULL, updated_at = now()
WHERE id = $1 AND status = 'error' AND error_code = 'lost' AND NOT deleting
"""
_MISS_VECTORS = """
UPDATE documents.documents SET embedded_by = NULL WHERE id = $1 AND EXISTS (
    SELECT FROM documents.chunks c WHERE c.document_id = $1 AND NOT EXISTS (
        SELECT FROM documents.vectors v WHERE v.owner = $2 AND v.content_hash = c.content_hash AND v.model = $3))
"""
_NOTE_REFINED = "UPDATE documents.documents SET refined_hash = $2 WHERE id = $1 AND NOT deleting"
_REFINEMENT = "SELECT answer FROM documents.refinements WHERE owner = $1 AND content_hash = $2 AND model = $3"
_KEEP_REFINEMENT = "INSERT INTO documents.refinements VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
_CLAIM = f"""
WITH claimed AS MATERIALIZED (
    SELECT id FROM documents.documents
    WHERE status = 'processing' AND NOT deleting AND updated_at < now() - make_interval(secs => $1)
    ORDER BY updated_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE documents.documents d SET updated_at = now() WHERE id IN (SELECT c.id FROM claimed c)
RETURNING user_id, sha256, {_SHOWN}
"""
_INSERT_CHUNK = """
INSERT INTO documents.chunks VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, to_tsvector($11::text::regconfig, $12))
"""


@dataclass(frozen=True)
class StoredDocument:
    """What processing a document needs to know of it."""

    id: UUID
    user_id: UUID | None
    kind: DocumentKind
    status: str
    sha256: str
    view: DocumentView

    @property
    def owner(self) -> UUID:
        """Whom the things made of its words belong to."""
        return self.user_id or self.id

    @property
    def tenant(self) -> Tenant:
        """Who may reach it."""
        return Tenant(self.user_id, (self.id,))


@dataclass(frozen=True)
class Reading:
    """What is kept of a document that was read. `vectors` are by content hash, of the model `embedded_by`."""

    media_type: MediaType
    body: str
    body_without_contact: str
    chunks: tuple[Chunk, ...]
    understanding: Understanding
    pages: int
    words: int
    truncated: bool
    language: str | None
    embedded_by: str | None = None
    vectors: Mapping[str, Vector] | None = None


def _repeated(found: StoredDocument) -> Registered:
    return Registered(document_id=found.id, wanted=found.status == "processing")


def content_hash(text: str) -> str:
    """Tells a text apart from others, as a key of what was made of it."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


class DocumentStore:
    """The tables of schema `documents`; each call is one transaction."""

    def __init__(self, database: Database, quotas: Quotas | None = None) -> None:
        self._database = database
        self._quotas = quotas or Quotas()

    async def register(self, ask: RegisterAsk) -> Registered:
        """Take down an upload; the same file of the same person is one document, and so is the same id."""
        try:
            return await self._register(ask)
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name != "documents_pkey":
                raise
        found = await self.find(ask.document_id, ask.user_id)
        same = found is not None and (found.sha256, found.kind) == (ask.sha256, ask.kind)
        return _repeated(found) if found and same else Registered()

    async def _register(self, ask: RegisterAsk) -> Registered:
        tenant = Tenant(ask.user_id, (ask.document_id, *((ask.replaces,) if ask.replaces else ())))
        async with as_tenant(self._database, tenant) as connection:
            over = await (self._over(connection, ask) if ask.user_id else self._over_without_account(connection, ask))
            if over:
                return Registered(over=over)
            series, version = None, None
            if ask.replaces:
                series, version = await _next_version(connection, ask)
                if series is None:
                    return Registered()
            row = await connection.fetchrow(
                _REGISTER,
                ask.document_id,
                ask.user_id,
                ask.kind,
                ask.filename,
                ask.size,
                ask.sha256,
                ask.job_role,
                series,
                version,
                ask.caller,
            )
            assert row is not None
        duplicate, wanted = row["id"] != ask.document_id, row["status"] == "processing"
        return Registered(document_id=row["id"], duplicate=duplicate, wanted=wanted)

    async def _over(self, connection: asyncpg.Connection, ask: RegisterAsk) -> Quota | None:
        """What this upload would be too much of. One that is there already is none."""
        if self._quotas == Quotas():
            return None
        await connection.execute(_ONE_AT_A_TIME, str(ask.user_id))
        row = await connection.fetchrow(_HOW_MUCH, ask.user_id, ask.kind, ask.sha256)
        assert row is not None
        return None if row["known"] else self._quotas.exceeded(row["waiting"], row["all"], row["size"], ask.size)

    async def _over_without_account(self, connection: asyncpg.Connection, ask: RegisterAsk) -> Quota | None:
        if self._quotas.waiting is None or ask.caller is None:
            return None
        await connection.execute(_ONE_AT_A_TIME, str(ask.caller))
        waiting = await connection.fetchval("SELECT documents.waiting_of($1, $2)", ask.caller, ask.document_id)
        return "waiting" if waiting >= self._quotas.waiting else None

    async def find(
        self, document_id: UUID, user_id: UUID | None, *, understanding: bool = False
    ) -> StoredDocument | None:
        """A document of the caller; None where there is none."""
        async with as_tenant(self._database, Tenant(user_id, (document_id,)), read_only=True) as connection:
            row = await connection.fetchrow(
                f"SELECT user_id, sha256, {'understanding,' if understanding else ''} {_SHOWN}"
                " FROM documents.documents d WHERE id = $1 AND NOT deleting",
                document_id,
            )
        return _stored(row) if row else None

    async def of_user(self, ask: DocumentListAsk) -> tuple[DocumentView, ...]:
        """A user's documents, newest first."""
        async with as_tenant(self._database, Tenant(ask.user_id), read_only=True) as connection:
            rows = await connection.fetch(
                f"""SELECT {_SHOWN} FROM documents.documents d WHERE user_id = $1 AND NOT deleting
                AND ($2::text IS NULL OR kind = $2) AND ($3::uuid IS NULL OR series_id = $3)
                ORDER BY CASE WHEN $3::uuid IS NOT NULL THEN version END DESC, created_at DESC, version DESC
                LIMIT $4 OFFSET $5""",
                ask.user_id,
                ask.kind,
                ask.series_id,
                ask.limit,
                ask.offset,
            )
        return tuple(_view(row) for row in rows)

    async def text(self, document_id: UUID, user_id: UUID | None, *, contact: bool) -> str | None:
        """The words of a document that was read; None otherwise."""
        column = "body" if contact else "body_without_contact"
        async with as_tenant(self._database, Tenant(user_id, (document_id,)), read_only=True) as connection:
            found: str | None = await connection.fetchval(
                f"SELECT {column} FROM documents.documents WHERE id = $1 AND NOT deleting", document_id
            )
        return found

    async def chunks(self, document_id: UUID, user_id: UUID | None, first: int = 0) -> tuple[Chunk, ...]:
        """The pieces of a document from index `first` on."""
        async with as_tenant(self._database, Tenant(user_id, (document_id,)), read_only=True) as connection:
            rows = await connection.fetch(
                """SELECT * FROM documents.chunks WHERE document_id = $1 AND chunk_index >= $2 ORDER BY chunk_index""",
                document_id,
                first,
            )
        return tuple(chunk_of(row) for row in rows)

    async def complete(self, document: StoredDocument, reading: Reading) -> bool:
        """Keep what was read; False where the document is gone, or was read by another delivery before."""
        config = search_config(reading.language)
        hashes = [content_hash(chunk.text) for chunk in reading.chunks]
        async with as_tenant(self._database, document.tenant) as connection:
            await _lock(connection, document.owner)
            done = await connection.execute(
                _COMPLETE,
                document.id,
                reading.language,
                config,
                reading.pages,
                reading.words,
                len(reading.chunks),
                reading.truncated,
                reading.embedded_by,
                reading.body,
                reading.body_without_contact,
                reading.understanding.model_dump_json(),
                reading.media_type,
            )
            if done != "UPDATE 1":
                return False
            await connection.execute("DELETE FROM documents.chunks WHERE document_id = $1", document.id)
            await connection.executemany(
                _INSERT_CHUNK,
                [
                    (
                        document.id,
                        document.user_id,
                        chunk.chunk_index,
                        chunk.parent_section,
                        chunk.chunk_type,
                        chunk.entry_index,
                        chunk.text,
                        list(chunk.domains),
                        chunk.primary_domain,
                        hashed,
                        config,
                        searchable(chunk.text),
                    )
                    for chunk, hashed in zip(reading.chunks, hashes, strict=True)
                ],
            )
            if reading.embedded_by:
                await _keep_vectors(connection, document, reading.embedded_by, reading.vectors or {})
        return True

    async def fail(self, document: StoredDocument, code: FailureCode, message: str) -> bool:
        """Take down why a document could not be read; False as above."""
        async with as_tenant(self._database, document.tenant) as connection:
            done: str = await connection.execute(_FAIL, document.id, code, message)
        return done == "UPDATE 1"

    async def reopen(self, document: StoredDocument) -> bool:
        """Its file was lost, and is there after all: it is to be read again. False where that is not so any more."""
        async with as_tenant(self._database, document.tenant) as connection:
            done: str = await connection.execute(_REOPEN, document.id)
        return done == "UPDATE 1"

    async def vectors(self, document: StoredDocument, model: str, hashes: Sequence[str]) -> set[str]:
        """Those of the texts that the owner has vectors of already."""
        async with as_tenant(self._database, document.tenant, read_only=True) as connection:
            rows = await connection.fetch(
                """SELECT content_hash FROM documents.vectors
                WHERE owner = $1 AND model = $2 AND content_hash = ANY ($3)""",
                document.owner,
                model,
                list(hashes),
            )
        return {row["content_hash"] for row in rows}

    async def refinement(self, document: StoredDocument, hashed: str, model: str) -> str | None:
        """What a model said of a text before, as JSON. It is kept as long as a document that it was asked for."""
        async with as_tenant(self._database, document.tenant) as connection:
            await connection.execute(_NOTE_REFINED, document.id, hashed)
            found: str | None = await connection.fetchval(_REFINEMENT, document.owner, hashed, model)
        return found

    async def keep_refinement(self, document: StoredDocument, hashed: str, model: str, answer: str) -> None:
        """Remember what a model said of a text, as long as the document is there."""
        async with as_tenant(self._database, document.tenant) as connection:
            if await connection.execute(_NOTE_REFINED, document.id, hashed) == "UPDATE 1":
                await connection.execute(_KEEP_REFINEMENT, document.owner, hashed, model, answer)

    async def begin_deleting(self, document_id: UUID, user_id: UUID | None) -> bool:
        """From now on nobody finds it; False where there is nothing to delete."""
        async with as_tenant(self._database, Tenant(user_id, (document_id,))) as connection:
            done: str = await connection.execute(
                "UPDATE documents.documents SET deleting = true, updated_at = now() WHERE id = $1", document_id
            )
        return done == "UPDATE 1"

    async def begin_deleting_anonymous(self, days: float) -> int:
        """The same for those without an account that are older than `days`; how many."""
        async with as_role(self._database, SWEEPER_ROLE) as connection:
            done: str = await connection.execute(
                """UPDATE documents.documents SET deleting = true, updated_at = now()
                WHERE user_id IS NULL AND NOT deleting AND created_at < now() - make_interval(secs => $1)""",
                days * 86_400,
            )
        return int(done.rpartition(" ")[2])

    async def delete(self, document_id: UUID) -> None:
        """Forget the rows of a document, and what was made of words that no other document of its owner has."""
        async with as_role(self._database, SWEEPER_ROLE) as connection:
            owner = await connection.fetchval(
                "SELECT COALESCE(user_id, id) FROM documents.documents WHERE id = $1", document_id
            )
            if owner is None:
                return
            await _lock(connection, owner)
            await connection.execute("DELETE FROM documents.documents WHERE id = $1", document_id)
            await connection.execute(
                """DELETE FROM documents.vectors v WHERE owner = $1 AND NOT EXISTS (
                    SELECT FROM documents.chunks c
                    WHERE COALESCE(c.user_id, c.document_id) = $1 AND c.content_hash = v.content_hash)""",
                owner,
            )
            await connection.execute(
                """DELETE FROM documents.refinements r WHERE owner = $1 AND NOT EXISTS (
                    SELECT FROM documents.documents d
                    WHERE COALESCE(d.user_id, d.id) = $1 AND d.refined_hash = r.content_hash)""",
                owner,
            )

    async def deletions(self, seconds: float, limit: int = 100) -> list[UUID]:
        """Some documents in deletion for longer than `seconds`, in any order: one that stays holds up no other."""
        async with as_role(self._database, SWEEPER_ROLE) as connection:
            rows = await connection.fetch(
                """SELECT id FROM documents.documents
                WHERE deleting AND updated_at < now() - make_interval(secs => $1) ORDER BY random() LIMIT $2""",
                seconds,
                limit,
            )
        return [row["id"] for row in rows]

    async def every_file(self) -> list[tuple[UUID, UUID | None, datetime]]:
        """Each document that should have a file, oldest first: its id, its user and when it came."""
        async with as_role(self._database, SWEEPER_ROLE) as connection:
            rows = await connection.fetch(
                "SELECT id, user_id, created_at FROM documents.documents WHERE NOT deleting ORDER BY created_at"
            )
        return [(row["id"], row["user_id"], row["created_at"]) for row in rows]

    async def claim_unread(self, seconds: float) -> StoredDocument | None:
        """The document that was left unread the longest, and for longer than `seconds`, which it is not from now on."""
        async with as_role(self._database, SWEEPER_ROLE) as connection:
            row = await connection.fetchrow(_CLAIM, seconds)
        return _stored(row) if row else None

    async def not_embedded(self, model: str, limit: int = 20) -> list[StoredDocument]:
        """Some documents without vectors of this model, in any order: one that can get none holds up no other."""
        async with as_role(self._database, SWEEPER_ROLE) as connection:
            rows = await connection.fetch(
                f"""SELECT user_id, sha256, {_SHOWN} FROM documents.documents d
                WHERE status = 'completed' AND NOT deleting AND embedded_by IS DISTINCT FROM $1
                ORDER BY random() LIMIT $2""",
                model,
                limit,
            )
        return [_stored(row) for row in rows]

    async def embed(self, document: StoredDocument, model: str, vectors: Mapping[str, Vector]) -> None:
        """Add the vectors of a document that was read without them."""
        async with as_tenant(self._database, document.tenant) as connection:
            await _lock(connection, document.owner)
            done = await connection.execute(
                "UPDATE documents.documents SET embedded_by = $2 WHERE id = $1 AND NOT deleting", document.id, model
            )
            if done == "UPDATE 1":
                await _keep_vectors(connection, document, model, vectors)


async def _lock(connection: asyncpg.Connection, key: UUID) -> None:
    """Wait until no other transaction has this lock; held until the end of this one."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1::uuid::text, 0))", key)


async def _next_version(connection: asyncpg.Connection, ask: RegisterAsk) -> tuple[UUID | None, int | None]:
    # The documents of a user change their series, but never two at a time; those without account never do.
    if ask.user_id:
        await _lock(connection, ask.user_id)
    series = await connection.fetchval(
        "SELECT series_id FROM documents.documents WHERE id = $1 AND kind = $2 AND NOT deleting", ask.replaces, ask.kind
    )
    if series is None:
        return None, None
    await _lock(connection, series)
    return series, await connection.fetchval("SELECT documents.newest($1, NULL) + 1", series)


async def _keep_vectors(
    connection: asyncpg.Connection, document: StoredDocument, model: str, vectors: Mapping[str, Vector]
) -> None:
    # In one order everywhere, as each row is locked.
    await connection.executemany(
        "INSERT INTO documents.vectors VALUES ($1, $2, $3, $4::text::vector) ON CONFLICT DO NOTHING",
        [
            (document.owner, hashed, model, json.dumps([round(x, 6) for x in vectors[hashed]]))
            for hashed in sorted(vectors)
        ],
    )
    # Those that were there when the document was read may have gone with another document since.
    await connection.execute(_MISS_VECTORS, document.id, document.owner, model)


def chunk_of(row: Mapping[str, Any]) -> Chunk:
    """A row of the table of chunks as a contract."""
    return Chunk(
        chunk_index=row["chunk_index"],
        parent_section=row["parent_section"],
        chunk_type=row["chunk_type"],
        entry_index=row["entry_index"],
        text=row["body"],
        domains=tuple(row["domains"]),
        primary_domain=row["primary_domain"],
    )


def _stored(row: Mapping[str, Any]) -> StoredDocument:
    return StoredDocument(
        id=row["id"],
        user_id=row["user_id"],
        kind=row["kind"],
        status=row["status"],
        sha256=row["sha256"],
        view=_view(row),
    )


def _view(row: Mapping[str, Any]) -> DocumentView:
    found = row.get("understanding")
    return DocumentView(
        document_id=row["id"],
        kind=row["kind"],
        filename=row["filename"],
        media_type=row["media_type"],
        size=row["size"],
        status=row["status"],
        error_code=row["error_code"],
        error=row["error"],
        job_role=row["job_role"],
        language=row["language"],
        pages=row["pages"],
        words=row["words"],
        chunks=row["chunk_count"],
        truncated=row["truncated"],
        embedded=row["embedded_by"] is not None,
        version=row["version"],
        series_id=row["series_id"],
        latest=row["latest"],
        created_at=row["created_at"],
        processed_at=row["processed_at"],
        understanding=Understanding.model_validate_json(found) if found else None,
    )
