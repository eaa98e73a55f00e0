"""What clients do with documents, in terms of messages and of the object store."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID, uuid4, uuid5

import nats.errors
from contracts import Contract
from contracts.documents.asks import (
    MAX_FILENAME,
    Brief,
    BriefAsk,
    Chunks,
    ChunksAsk,
    DeleteAsk,
    Deleted,
    DocumentAnswer,
    DocumentList,
    DocumentListAsk,
    DocumentText,
    DocumentTextAsk,
    DocumentView,
    DocumentViewAsk,
    Gaps,
    GapsAsk,
    Quota,
    RegisterAsk,
    Registered,
)
from contracts.documents.understanding import Chunk, GapAnalysis
from contracts.gateway.events import DocumentUploaded
from contracts.vocabulary.document import DocumentKind
from runtime.objects import ObjectNotFound, ObjectStore, document_key

from gateway.bus.commands import ASK_SECONDS, POLL_SECONDS, Caller, Commands
from gateway.bus.idempotency import NAMESPACE, IdempotencyKeys, keyed, request_hash
from gateway.bus.subscriptions import Subscriptions
from gateway.problems import Problem

AnswerT = TypeVar("AnswerT", bound=Contract)
WAIT_SECONDS = 30.0
DELETE_SECONDS = 30.0
"""A large file takes a while to be overwritten."""
UPLOADS_AT_ONCE = 8
"""Each holds a file in memory."""
FILE_LOST = "This file was lost with its storage. What was read from it is still here; please upload it again."
NOT_A_DOCUMENT = "This document was not found."
EMPTY = "The file is empty."


class NoSuchDocument(Problem):
    """No such document, or another's: callers cannot tell which."""

    def __init__(self) -> None:
        super().__init__(404, NOT_A_DOCUMENT)


_TOO_MUCH: dict[Quota, str] = {
    "waiting": "Several of your documents are still being read. Please wait for them.",
    "documents": "You have as many documents as an account may have. Please delete one first.",
    "storage": "Your documents take as much room as an account has. Please delete one first.",
}


class Unavailable(Problem):
    """No replica of the service answers."""

    def __init__(self) -> None:
        super().__init__(503, "Documents cannot be read just now. Please try again in a moment.", {"Retry-After": "2"})


class TooMuch(Problem):
    """The account has as many documents, or as large ones, as it may."""

    def __init__(self, of: Quota) -> None:
        status = 429 if of == "waiting" else 409
        super().__init__(status, _TOO_MUCH[of], {"Retry-After": "5"} if of == "waiting" else {})


@dataclass(frozen=True)
class NewFile:
    """A file that somebody uploads. `replaces` is the document of which it is a newer version."""

    kind: DocumentKind
    raw: bytes
    filename: str
    job_role: str | None = None
    replaces: UUID | None = None


@dataclass(frozen=True)
class Uploaded:
    """The document that a file became; `duplicate`: it was there before."""

    document_id: UUID
    duplicate: bool


class Documents:
    """Documents as clients see them."""

    def __init__(
        self, commands: Commands, subscriptions: Subscriptions, keys: IdempotencyKeys, objects: ObjectStore
    ) -> None:
        self._commands = commands
        self._subscriptions = subscriptions
        self._keys = keys
        self._objects = objects
        self._uploading = asyncio.Semaphore(UPLOADS_AT_ONCE)

    def uploading(self) -> asyncio.Semaphore:
        """To be held while a file is in memory."""
        return self._uploading

    async def upload(self, caller: Caller, file: NewFile) -> Uploaded:
        """Store a file and announce it; the same document for the same file, or for a repeat under the caller's key.

        Raises Problem 400 for an empty one, TooMuch, NoSuchDocument where there is none to replace.
        """
        if not file.raw:
            raise Problem(400, EMPTY)
        sha256 = await asyncio.to_thread(lambda: hashlib.sha256(file.raw).hexdigest())
        wanted = RegisterAsk(
            document_id=await self._new_id(caller, file, sha256),
            user_id=caller.user_id,
            kind=file.kind,
            filename=file.filename[:MAX_FILENAME],
            size=len(file.raw),
            sha256=sha256,
            job_role=file.job_role,
            replaces=file.replaces,
            caller=None if caller.user_id else uuid5(NAMESPACE, f"documents {caller.network}"),
        )
        registered = await self._ask("register", wanted, Registered)
        if registered.over is not None:
            raise TooMuch(registered.over)
        if registered.document_id is None:
            raise NoSuchDocument
        if registered.wanted:
            await self._announce(caller, registered.document_id, file, sha256)
        return Uploaded(registered.document_id, registered.duplicate)

    async def view(self, caller: Caller, document_id: UUID) -> DocumentView:
        """A document and what was found in it. Raises NoSuchDocument."""
        wanted = DocumentViewAsk(document_id=document_id, user_id=caller.user_id)
        answer = await self._ask("view", wanted, DocumentAnswer)
        if answer.document is None:
            raise NoSuchDocument
        return answer.document

    async def settled(self, caller: Caller, document_id: UUID, seconds: float = WAIT_SECONDS) -> DocumentView:
        """The document once it is read or has failed; as it stands after so many seconds. Raises NoSuchDocument."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        async with self._subscriptions.outcome(document_id) as queue:
            view = await self.view(caller, document_id)
            while view.status == "processing" and (left := deadline - loop.time()) > 0:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(queue.get(), min(left, POLL_SECONDS))
                with contextlib.suppress(nats.errors.Error, TimeoutError, Unavailable):  # it is starting again
                    view = await self.view(caller, document_id)
        return view

    async def of_user(
        self, user_id: UUID, kind: DocumentKind | None, limit: int, offset: int, series_id: UUID | None = None
    ) -> tuple[DocumentView, ...]:
        """A user's documents, newest first."""
        wanted = DocumentListAsk(user_id=user_id, kind=kind, limit=limit, offset=offset, series_id=series_id)
        return (await self._ask("list", wanted, DocumentList)).documents

    async def text(self, caller: Caller, document_id: UUID, *, contact: bool = True) -> str:
        """The words of a document. Raises NoSuchDocument."""
        wanted = DocumentTextAsk(document_id=document_id, user_id=caller.user_id, contact=contact)
        answer = await self._ask("text", wanted, DocumentText)
        if not answer.found:
            raise NoSuchDocument
        return answer.text

    async def chunks(self, caller: Caller, document_id: UUID) -> list[Chunk]:
        """All pieces of a document. Raises NoSuchDocument."""
        found: list[Chunk] = []
        following: int | None = 0
        while following is not None:
            wanted = ChunksAsk(document_id=document_id, user_id=caller.user_id, from_index=following)
            answer = await self._ask("chunks", wanted, Chunks)
            if not answer.found:
                raise NoSuchDocument
            found += answer.chunks
            following = answer.next_index
        return found

    async def gaps(self, caller: Caller, resume_id: UUID, job_description_id: UUID) -> GapAnalysis | None:
        """A résumé against a job description; None where one of them is not there or not read."""
        wanted = GapsAsk(resume_id=resume_id, job_description_id=job_description_id, user_id=caller.user_id)
        answer = await self._ask("gaps", wanted, Gaps)
        return answer.analysis if answer.found else None

    async def brief(self, caller: Caller, document_id: UUID) -> Brief:
        """What an interview needs of a document; waits until it is read. Raises NoSuchDocument."""
        await self.settled(caller, document_id)
        brief = await self._ask("brief", BriefAsk(document_id=document_id, user_id=caller.user_id), Brief)
        if brief.document is None:
            raise NoSuchDocument
        return brief

    async def file(self, caller: Caller, document_id: UUID) -> tuple[DocumentView, bytes]:
        """The file as it was uploaded. Raises NoSuchDocument, and Problem 404 where the file alone is gone."""
        view = await self.view(caller, document_id)
        try:
            return view, await self._objects.get(document_key(document_id))
        except ObjectNotFound:
            raise Problem(404, FILE_LOST) from None

    async def delete(self, caller: Caller, document_id: UUID) -> None:
        """Forget a document: its file, its words and its vectors. Raises NoSuchDocument."""
        wanted = DeleteAsk(document_id=document_id, user_id=caller.user_id)
        answer = await self._ask("delete", wanted, Deleted, DELETE_SECONDS)
        if not answer.found:
            raise NoSuchDocument
        await self._keys.forget(document_id)

    async def _new_id(self, caller: Caller, file: NewFile, sha256: str) -> UUID:
        """The id that the document gets if it is new; the same one for a repeat. Raises OtherBody."""
        body_hash = request_hash([file.kind, sha256, file.filename, file.job_role, file.replaces])
        request = keyed("upload", caller.owner, caller.key, body_hash)
        return await self._keys.keep(request, uuid4()) if request else uuid4()

    async def _announce(self, caller: Caller, document_id: UUID, file: NewFile, sha256: str) -> None:
        await self._objects.put(document_key(document_id), file.raw)
        command = DocumentUploaded(kind=file.kind, size=len(file.raw), sha256=sha256, key=document_key(document_id))
        # Each upload is announced, also a repeat: a document that failed is read anew, one that is read is left alone.
        await self._commands.submit(caller, document_id, uuid4(), command)

    async def _ask(
        self, question: str, wanted: Contract, answer: type[AnswerT], timeout: float = ASK_SECONDS
    ) -> AnswerT:
        try:
            return await self._commands.ask("documents", question, wanted, answer, timeout)
        except nats.errors.NoRespondersError:
            raise Unavailable from None


def parse_document_id(value: Any) -> UUID:
    """A document's id as clients send it. What cannot be one is no document."""
    try:
        return UUID(str(value))
    except ValueError:
        raise NoSuchDocument from None
