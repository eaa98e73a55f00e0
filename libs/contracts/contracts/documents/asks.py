"""Questions to the documents service, over NATS request-reply."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from contracts.documents.understanding import Chunk, GapAnalysis, Understanding
from contracts.envelope import Contract
from contracts.vocabulary.document import DocumentKind, DocumentStatus, FailureCode, MediaType, Sha256
from contracts.vocabulary.limits import MAX_JOB_ROLE

MAX_FILENAME = 255
MAX_QUERY = 2_000
MAX_HITS = 20
MAX_ENCODED_TEXTS = 64
MAX_ENCODED = 2_000
"""Characters of a text: an encoder reads no more of it than some 500 words."""


class DocumentAsk(Contract):
    """A question about a document by `user_id`, None for a caller without an account."""

    document_id: UUID
    user_id: UUID | None = None


class RegisterAsk(DocumentAsk):
    """A file was uploaded and is about to be stored. `document_id` is the one it gets if it is new.

    `replaces` is the document of which it is a newer version. `caller` tells those without an account apart.
    """

    kind: DocumentKind
    filename: str = Field(max_length=MAX_FILENAME)
    size: int = Field(ge=1)
    sha256: Sha256
    job_role: str | None = Field(None, max_length=MAX_JOB_ROLE)
    replaces: UUID | None = None
    caller: UUID | None = None


Quota = Literal["waiting", "documents", "storage"]
"""What an account may have so many of: documents that are being read, documents, and their bytes. The first of them
holds for callers without an account, too."""


class Registered(Contract):
    """`document_id` None: there is no document to replace, or the account has too much of what `over` names.
    `duplicate`: the caller had uploaded this file before.

    `wanted`: the file is to be stored and announced; otherwise it was read already.
    """

    document_id: UUID | None = None
    duplicate: bool = False
    wanted: bool = True
    over: Quota | None = None


class DocumentViewAsk(DocumentAsk):
    """One document, with or without what was found in it."""

    understanding: bool = True


class DocumentView(Contract):
    """A document without its words. `version` counts from 1 along the documents that replaced one another, of which
    `latest` is the newest."""

    document_id: UUID
    kind: DocumentKind
    filename: str
    media_type: MediaType | None = None
    """None until the file was looked into."""
    size: int
    status: DocumentStatus
    error_code: FailureCode | None = None
    error: str | None = None
    job_role: str | None = None
    language: str | None = None
    pages: int = 0
    words: int = 0
    chunks: int = 0
    truncated: bool = False
    embedded: bool = False
    version: int = 1
    series_id: UUID
    latest: bool = True
    created_at: datetime
    processed_at: datetime | None = None
    understanding: Understanding | None = None


class DocumentAnswer(Contract):
    """`document` None: no such document for this caller."""

    document: DocumentView | None = None


class DocumentListAsk(Contract):
    """A user's documents, newest first; of one kind, or the versions of one."""

    user_id: UUID
    kind: DocumentKind | None = None
    series_id: UUID | None = None
    limit: int = Field(50, ge=1, le=100)
    offset: int = Field(0, ge=0)


class DocumentList(Contract):
    """Documents without what was found in them."""

    documents: tuple[DocumentView, ...] = ()


class DocumentTextAsk(DocumentAsk):
    """The words of a document; without `contact`, its contact data is left out."""

    contact: bool = False


class DocumentText(Contract):
    """`found` False: no such document for this caller, or it is not read yet."""

    found: bool
    text: str = ""


class ChunksAsk(DocumentAsk):
    """The pieces of a document from `from_index` on."""

    from_index: int = Field(0, ge=0)


class Chunks(Contract):
    """At most 256 KiB of pieces; `next_index` tells where the rest begins, if any."""

    found: bool
    chunks: tuple[Chunk, ...] = ()
    next_index: int | None = None


class GapsAsk(Contract):
    """A résumé against a job description."""

    resume_id: UUID
    job_description_id: UUID
    user_id: UUID | None = None


class Gaps(Contract):
    """`found` False: one of them is not there for this caller, or not read."""

    found: bool
    analysis: GapAnalysis = GapAnalysis()


class BriefAsk(DocumentAsk):
    """What an interview needs of a document."""


class Brief(Contract):
    """`document` None: no such document for this caller. `text` is without contact data."""

    document: DocumentView | None = None
    text: str = ""


class SearchAsk(Contract):
    """The pieces of some documents that a query is about; `domains` keeps to pieces of those."""

    user_id: UUID | None = None
    document_ids: tuple[UUID, ...] = Field(min_length=1, max_length=100)
    query: str = Field(max_length=MAX_QUERY)
    domains: tuple[str, ...] = ()
    limit: int = Field(5, ge=1, le=MAX_HITS)


class Hit(Contract):
    """A piece that was found; `score` orders the hits of one search and means nothing beyond it."""

    document_id: UUID
    kind: DocumentKind
    chunk: Chunk
    score: float


class SearchAnswer(Contract):
    """Hits, best first, and what they were found by."""

    hits: tuple[Hit, ...] = ()
    by: Literal["words", "words and meaning"] = "words"


Encodable = Annotated[str, Field(max_length=MAX_ENCODED)]


class EncodeAsk(Contract):
    """What some texts mean, as vectors. Those that are `urgent`, since somebody waits for a reply, go first."""

    texts: tuple[Encodable, ...] = Field(min_length=1, max_length=MAX_ENCODED_TEXTS)
    urgent: bool = False
    seconds: float | None = Field(default=None, gt=0)
    """After so many the answer is of no use."""


class Encoded(Contract):
    """A unit vector for each text, of `dimensions` numbers; vectors of two models are never compared. `model` empty:
    there are none, since no encoder is installed or, where it is `busy`, since what others asked for takes longer than
    the asker can wait."""

    model: str = ""
    dimensions: int = 0
    vectors: str = ""
    """Base64 of one vector after the other, as 16-bit floating point numbers, little-endian."""
    busy: bool = False


class DeleteAsk(DocumentAsk):
    """Forget a document: its file, its words and its vectors."""


class Deleted(Contract):
    """`found` False: no such document for this caller."""

    found: bool
