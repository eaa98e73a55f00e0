"""What a person gets of their own: the files of an export, each read when its turn comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar
from uuid import UUID

import structlog
from contracts.session.asks import View
from contracts.session.events import AudioReceived, FeedbackRecorded
from pydantic import BaseModel
from runtime.errors import AskFailed
from runtime.objects import ObjectNotFound
from runtime.telemetry import failure

from gateway.auth.answers import UserAnswer
from gateway.banks.files import write_bank
from gateway.bus.commands import ENDED, Caller
from gateway.container import Container
from gateway.dialects.messages import feedback_entries
from gateway.dialects.ours.document_shapes import DocumentDetail
from gateway.dialects.ours.own_report import OwnReport
from gateway.dialects.ours.practice_shapes import SessionFeedback
from gateway.dialects.ours.public_events import CONFIG, PublicEvent, public_event
from gateway.dialects.ours.report_pages import as_markdown
from gateway.dialects.ours.session_shapes import SessionDetail, conversation, detail
from gateway.dialects.report_shapes import SessionReport, report_document
from gateway.edge.archive import File, Load, safe_name
from gateway.edge.errors import is_unavailable
from gateway.problems import NoSuchSession, Problem
from gateway.usecases.documents import NoSuchDocument
from gateway.usecases.queries import LISTED_AT_ONCE

log = structlog.get_logger()
Found = TypeVar("Found")
Source = Literal["interviews", "documents", "recordings", "question banks"]
MOST_SESSIONS = 100_000
TRIES = 2
"""After so many failures in a row a source is not asked any more: each may take as long as a time limit."""
_AWAY = "could not be read just now"
_EXPIRED = "The recording is kept no longer."
_SHORT = 13
_SUFFIXES = {
    "audio/webm": "webm", "audio/ogg": "ogg", "audio/wav": "wav", "audio/flac": "flac", "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
}  # fmt: skip
README = """\
What Parley keeps about {whom}, as of {now:%d %B %Y, %H:%M} UTC.

{account}An interview is a folder (its date, its title, the beginning of its id):
  interview.json   how it was set up and how it stands, with the résumé and the job description it was told
  messages.json    everything that was said, in order
  feedback.json    the feedback on each answer, as far as it may be shown yet
  report.json, report.md   the report, once there is one; earlier versions as report-1.json and so on
  history.json     each thing that happened: also corrections, further attempts and conversations that were reset
  recordings/      what you recorded; turn-03 belongs to the messages of turn 3. recordings.json says when each was
                   made, and which are kept no longer

A document is a folder as well:
  the file as you uploaded it
  read.json        what was found in it
  text.txt         its words, as they were read

JSON files open in any text editor or browser. If there is a file MISSING.txt, it names what could not be read while
this archive was made; asking for another one later may help. Passwords are not in here: nobody can read them, only
check them. An interview that was erased while the archive was being made may be missing.
"""
_OF_ACCOUNT = """\
account.json        your account, and the logins that can still be used
question_banks/     your own questions; each file can be imported again
interviews/         your interviews
documents/          your résumés and job descriptions

"""


class ExportedLogin(BaseModel):
    """A login that can still be used."""

    device: str
    created_at: datetime
    last_used_at: datetime


class ExportedAccount(BaseModel):
    """An account."""

    account: UserAnswer
    logins: list[ExportedLogin]


class ExportedInterview(SessionDetail):
    """An interview with its configuration."""

    configuration: dict[str, Any]


class ExportedRecording(BaseModel):
    """A recording: the turn that it answered, and its file; null where it is not here, and `note` says why."""

    turn: int
    recorded_at: datetime
    file: str | None
    note: str | None = None


class ExportedRecordings(BaseModel):
    """The recordings of an interview."""

    recordings: list[ExportedRecording]


class ExportedHistory(BaseModel):
    """What happened in an interview, oldest first."""

    events: list[PublicEvent]


@dataclass(frozen=True)
class Recording:
    """Where a recording lies."""

    turn: int
    key: str
    at: datetime


@dataclass(frozen=True)
class Owned:
    """What belongs to an account, by id."""

    account: ExportedAccount
    sessions: Sequence[UUID]
    documents: Sequence[UUID]
    banks: Sequence[UUID]


class Export:
    """The files of one archive, and what could not be had of them."""

    def __init__(self, services: Container, caller: Caller, now: datetime) -> None:
        self._services = services
        self._caller = caller
        self._now = now
        self._missing: list[str] = []
        self._failures = Counter[Source]()

    async def of_account(self, owned: Owned) -> AsyncGenerator[Load, None]:
        """Everything of a person."""
        yield self._readme("you", _OF_ACCOUNT)
        yield _json("account.json", owned.account)
        for bank_id in owned.banks:
            yield self._bank(bank_id)
        for session_id in owned.sessions:
            view = await self._view(session_id)
            if view is not None:
                async for each in self._interview(view, f"interviews/{_folder(view)}/"):
                    yield each
        for document_id in owned.documents:
            async for each in self._document(document_id):
                yield each
        yield self._what_is_missing

    async def of_interview(self, view: View) -> AsyncGenerator[Load, None]:
        """One interview, with the documents that it was told of; `view` has messages and feedback."""
        assert view.session is not None
        yield self._readme("this interview", "")
        async for each in self._interview(view, f"{_folder(view)}/"):
            yield each
        config = view.session.config
        for document_id in filter(None, (config.resume_id, config.job_description_id)):
            async for each in self._document(document_id):
                yield each
        yield self._what_is_missing

    def _readme(self, whom: str, account: str) -> Load:
        return _text("README.txt", README.format(whom=whom, account=account, now=self._now))

    async def _what_is_missing(self) -> File | None:
        lines = [f"- {each}\n" for each in self._missing]
        return File("MISSING.txt", "".join(lines).encode()) if lines else None

    async def _view(self, session_id: UUID) -> View | None:
        return await self._read(
            "interviews",
            f"The interview {session_id}",
            lambda: self._services.queries.view(self._caller, session_id, messages=True, feedback=True),
        )

    async def _interview(self, view: View, folder: str) -> AsyncGenerator[Load, None]:
        session = view.session
        assert session is not None
        config = session.config.model_dump(mode="json", include=set(CONFIG))
        yield _json(folder + "interview.json", ExportedInterview(**detail(view).model_dump(), configuration=config))
        reports = await self._reports(view, folder)
        yield _json(folder + "messages.json", conversation(view, reports[0] if reports else None))
        yield _json(folder + "feedback.json", SessionFeedback(feedback=feedback_entries(view)))
        expected = await self._expected(view, folder) if reports else {}
        for number, report in enumerate(reports):
            own = OwnReport.of(report, expected)
            yield _json(folder + (f"report-{report.version}.json" if number else "report.json"), own)
            if not number:
                yield _text(folder + "report.md", as_markdown(own))
        history, recordings = await self._history(view, folder)
        yield _json(folder + "history.json", history)
        listed: list[ExportedRecording] = []
        of_turn = Counter[int]()
        for each in recordings:
            of_turn[each.turn] += 1
            again = f"-{of_turn[each.turn]}" if of_turn[each.turn] > 1 else ""
            yield self._recording(f"{folder}recordings/turn-{each.turn:02}{again}", each, listed)
        if recordings:
            yield _listed(folder + "recordings.json", listed)

    async def _reports(self, view: View, folder: str) -> list[SessionReport]:
        """The newest first."""
        session, queries = view.session, self._services.queries
        if session is None or session.report is None:
            return []
        newest = await self._read(
            "interviews", f"{folder}report.json", lambda: queries.report(self._caller, session.session_id)
        )
        if newest is None or newest.report is None:
            return []
        answers = [newest]
        for version in sorted(set(newest.versions) - {newest.version}, reverse=True):
            older = await self._read(
                "interviews",
                f"{folder}report-{version}.json",
                lambda version=version: queries.report(self._caller, session.session_id, version),  # type: ignore[misc]
            )
            if older is not None and older.report is not None:
                answers.append(older)
        reports = []
        for each in answers:
            items = await self._read(
                "interviews",
                f"{folder}report-{each.version}.json",
                lambda version=each.version: queries.reported(self._caller, session.session_id, version),  # type: ignore[misc]
            )
            if items is not None:
                reports.append(report_document(session, each, items))
        return reports

    async def _expected(self, view: View, folder: str) -> dict[int, tuple[str, ...]]:
        """What good answers cover, by turn."""
        assert view.session is not None
        session_id = view.session.session_id
        found = await self._read(
            "interviews",
            f"{folder}report.json: what good answers cover",
            lambda: self._services.queries.expected(self._caller, session_id),
        )
        return found or {}

    async def _history(self, view: View, folder: str) -> tuple[ExportedHistory, list[Recording]]:
        assert view.session is not None
        session_id, after, more = view.session.session_id, 0, True
        withheld = view.session.config.mode == "realistic" and view.session.status not in ENDED
        events, recordings = list[PublicEvent](), list[Recording]()
        while more:
            part = await self._read(
                "interviews",
                f"{folder}history.json, from number {after + 1} on",
                lambda after=after: self._services.queries.history(self._caller, session_id, after),  # type: ignore[misc]
            )
            if part is None:
                break
            for event in part.events:
                after = event.stream_version or after
                events.append(public_event(event, withheld=withheld and isinstance(event.data, FeedbackRecorded)))
                if isinstance(event.data, AudioReceived):
                    recordings.append(Recording(event.data.turn, event.data.recording.key, event.occurred_at))
            more = part.more and bool(part.events)
        return ExportedHistory(events=events), recordings

    def _recording(self, name: str, recording: Recording, listed: list[ExportedRecording]) -> Load:
        """Adds to the list, too, what became of it."""

        async def load() -> File | None:
            found, note = None, f"It {_AWAY}."
            try:
                found = await self._read("recordings", name, lambda: self._services.speech.recording(recording.key))
            except ObjectNotFound:
                note = _EXPIRED
            file = File(f"{name}.{_SUFFIXES[found[1]]}", found[0]) if found else None
            listed.append(
                ExportedRecording(
                    turn=recording.turn,
                    recorded_at=recording.at,
                    file=file.name.rpartition("/")[2] if file else None,
                    note=None if file else note,
                )
            )
            return file

        return load

    async def _document(self, document_id: UUID) -> AsyncGenerator[Load, None]:
        library, caller = self._services.documents, self._caller
        view = await self._read("documents", f"The document {document_id}", lambda: library.view(caller, document_id))
        if view is None:
            return
        name = safe_name(view.filename, "document")
        folder = f"documents/{safe_name(name.rpartition('.')[0] or name)} {str(document_id)[:_SHORT]}/"
        yield _json(folder + "read.json", DocumentDetail.found(view, None, None))

        async def words() -> File | None:
            text = await self._read("documents", folder + "text.txt", lambda: library.text(caller, document_id))
            return File(folder + "text.txt", text.encode(errors="replace")) if text is not None else None

        async def file() -> File | None:
            found = await self._read("documents", folder + name, lambda: library.file(caller, document_id))
            return File(folder + _not_ours(name), found[1]) if found is not None else None

        if view.status == "completed":
            yield words
        yield file

    def _bank(self, bank_id: UUID) -> Load:
        async def load() -> File | None:
            user_id = self._caller.user_id
            assert user_id is not None
            bank = await self._read(
                "question banks",
                f"The question bank {bank_id}",
                lambda: self._services.banks.get(user_id, bank_id),
            )
            if bank is None:
                return None
            name = f"question_banks/{safe_name(bank.name)} {str(bank_id)[:_SHORT]}.yaml"
            return File(name, write_bank(bank, "yaml"))

        return load

    async def _read(self, source: Source, what: str, read: Callable[[], Awaitable[Found]]) -> Found | None:
        """What is read; None where it is gone, or where it cannot be had, which is noted. Raises ObjectNotFound."""
        if self._failures[source] < TRIES:
            try:
                found = await read()
            except Problem as problem:
                if problem.status < 500:
                    self._note_unless_gone(what, problem)
                    return None
                error: Exception = problem
            except AskFailed as failed:
                error = failed
            except Exception as other:
                if not is_unavailable(other):
                    raise
                error = other
            else:
                self._failures[source] = 0
                return found
            self._failures[source] += 1
            log.warning("a part of an export cannot be read", source=source, **failure(error))
        self._missing.append(f"{what}: {_AWAY}.")
        return None

    def _note_unless_gone(self, what: str, problem: Problem) -> None:
        if not isinstance(problem, NoSuchSession | NoSuchDocument):
            self._missing.append(f"{what}: {problem.detail}")


async def owned(services: Container, user_id: UUID, account: ExportedAccount) -> Owned:
    """What there is of a person. Raises Problem, and what a service that is away raises."""
    listed = await services.queries.sessions(user_id, limit=MOST_SESSIONS)
    documents, banks = list[UUID](), list[UUID]()
    while page := await services.documents.of_user(user_id, None, LISTED_AT_ONCE, len(documents)):
        documents += [each.document_id for each in page]
    while part := await services.banks.listed(user_id, len(banks), LISTED_AT_ONCE):
        banks += [each.id for each in part]
    return Owned(account, [each.session_id for each in listed.sessions], documents, banks)


def _folder(view: View) -> str:
    session = view.session
    assert session is not None
    title = safe_name(session.config.title or session.config.job_role, "interview")
    return f"{session.created_at:%Y-%m-%d} {title} {str(session.session_id)[:_SHORT]}"


def _not_ours(name: str) -> str:
    """A file's own name beside those that we give."""
    return f"original {name}" if name.lower() in ("read.json", "text.txt") else name


def _json(name: str, model: BaseModel) -> Load:
    return _text(name, model.model_dump_json(indent=2))


def _listed(name: str, recordings: list[ExportedRecording]) -> Load:
    async def load() -> File:
        return File(name, ExportedRecordings(recordings=recordings).model_dump_json(indent=2).encode())

    return load


def _text(name: str, text: str) -> Load:
    async def load() -> File:
        return File(name, text.encode(errors="replace"))

    return load
