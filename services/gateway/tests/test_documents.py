"""Documents in the gateway: what interviews are told of them, how they are shown, how long one waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from contracts.documents.asks import Brief, DocumentAnswer, DocumentView, Quota, Registered
from contracts.documents.understanding import GapAnalysis, Understanding
from contracts.vocabulary.document import DocumentKind
from contracts.vocabulary.limits import MAX_JOB_DESCRIPTION, MAX_RESUME
from gateway.bus.commands import Caller
from gateway.dialects.ours.document_shapes import DocumentDetail, attachment
from gateway.problems import Problem
from gateway.usecases import documents as library_module
from gateway.usecases.configuring import Configuring
from gateway.usecases.documents import Documents, NewFile, NoSuchDocument
from gateway.usecases.grounding import grounded
from nats.errors import NoRespondersError

CALLER = Caller(uuid4())
RESUME, JOB = uuid4(), uuid4()


def view(document_id: UUID, kind: DocumentKind, **changes: Any) -> DocumentView:
    fields = {
        "document_id": document_id, "kind": kind, "filename": "x.pdf", "size": 1, "status": "completed",
        "series_id": document_id, "created_at": datetime(2026, 1, 1, tzinfo=UTC), "understanding": Understanding(),
    }  # fmt: skip
    return DocumentView(**{**fields, **changes})


class Library:
    """Documents that are there."""

    def __init__(self, *briefs: Brief) -> None:
        self._briefs = {brief.document.document_id: brief for brief in briefs if brief.document}

    async def brief(self, caller: Caller, document_id: UUID) -> Brief:
        if document_id not in self._briefs:
            raise NoSuchDocument
        return self._briefs[document_id]


def resume(text: str = "Built payments in Go.", **changes: Any) -> Brief:
    return Brief(document=view(RESUME, "resume", **changes), text=text)


def job(text: str = "Wanted: Go.", **changes: Any) -> Brief:
    return Brief(document=view(JOB, "job_description", **changes), text=text)


async def told(fields: dict[str, Any], *briefs: Brief) -> dict[str, Any]:
    library: Any = Library(*briefs)
    return await grounded(library, CALLER, fields)


async def test_a_configuration_gets_the_words_and_the_domains_of_its_documents() -> None:
    mine = Understanding(title="Developer", domains={"backend": 0.6, "devops": 0.4})
    theirs = Understanding(title="Staff Engineer", domains={"devops": 0.9, "databases": 0.1})
    fields = {"resume_id": str(RESUME), "jd_id": str(JOB).upper(), "language": "en"}
    config = await told(fields, resume(understanding=mine), job(understanding=theirs))
    assert config == {
        "language": "en",
        "resume_id": str(RESUME),
        "resume_content": "Built payments in Go.",
        "job_description_id": str(JOB),
        "job_description": "Wanted: Go.",
        "domains": ["devops", "backend", "databases"],
        "job_role": "Staff Engineer",
    }


async def test_the_role_is_the_one_asked_for_or_offered_or_uploaded_for_or_held() -> None:
    held = Understanding(title="Developer")
    fields = {"resume_id": str(RESUME)}
    assert (await told({**fields, "job_role": "Pilot"}, resume(understanding=held)))["job_role"] == "Pilot"
    assert (await told(fields, resume(understanding=held, job_role="Architect")))["job_role"] == "Architect"
    assert (await told({**fields, "job_role": " "}, resume(understanding=held)))["job_role"] == "Developer"
    assert "job_role" not in await told(fields, resume())


async def test_without_documents_nothing_changes() -> None:
    fields = {"job_role": "Pilot", "resume_content": "I fly.", "resume_id": " ", "jd_id": "null"}
    assert await told(fields) == {"job_role": "Pilot", "resume_content": "I fly."}
    nobody: Any = None
    assert await Configuring(nobody, nobody).if_given(CALLER, {"message": "x"}) is None


@pytest.mark.parametrize("name", ["resume_id", "jd_id", "job_description_id", "question_bank_id"])
@pytest.mark.parametrize("blank", ["", " ", "null", "undefined"])
async def test_a_blank_id_leaves_the_configuration_of_a_session_as_it_is(name: str, blank: str) -> None:
    nobody: Any = None
    configuring = Configuring(nobody, nobody)
    assert await configuring.if_given(CALLER, {name: blank}) is None
    wanted = await configuring.if_given(CALLER, {name: blank, "job_role": "Pilot"})
    assert wanted is not None and wanted.config.job_role == "Pilot"


async def test_long_documents_are_cut_to_what_a_session_takes() -> None:
    config = await told({"resume_id": RESUME, "jd_id": JOB}, resume("x" * 200_000), job("y" * 200_000))
    assert (len(config["resume_content"]), len(config["job_description"])) == (MAX_RESUME, MAX_JOB_DESCRIPTION)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"resume_id": str(uuid4())}, 404),
        ({"resume_id": "12"}, 404),
        ({"resume_id": {"a": 1}}, 404),
        ({"resume_id": str(JOB)}, 400),
        ({"jd_id": str(RESUME)}, 400),
        ({"jd_id": str(JOB), "job_description_id": str(uuid4())}, 400),
        ({"resume_id": str(RESUME), "resume_content": "I am."}, 400),
        ({"jd_id": str(JOB), "job_description": "Wanted."}, 400),
    ],
)
async def test_what_cannot_be_meant_is_refused(fields: dict[str, Any], status: int) -> None:
    with pytest.raises(Problem) as problem:
        await told(fields, resume(), job())
    assert problem.value.status == status


async def test_the_same_job_under_both_names_is_one() -> None:
    config = await told({"jd_id": str(JOB), "job_description_id": str(JOB)}, job())
    assert config["job_description_id"] == str(JOB) and "jd_id" not in config


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"status": "error", "error": "It is encrypted."}, "could not be read: It is encrypted."),
        ({"status": "processing"}, "still being read"),
    ],
)
async def test_a_document_that_is_not_read_is_a_conflict(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(Problem, match=says) as problem:
        await told({"resume_id": str(RESUME)}, resume(**changes))
    assert problem.value.status == 409


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cv.pdf", "attachment; filename=\"cv.pdf\"; filename*=UTF-8''cv.pdf"),
        ('a"b\\c\r\nX: y.pdf', "attachment; filename=\"a_b_c__X: y.pdf\"; filename*=UTF-8''a_b_c__X%3A%20y.pdf"),
        ("../../etc/passwd", "attachment; filename=\"passwd\"; filename*=UTF-8''passwd"),
        ("履歴書.pdf", "attachment; filename=\"___.pdf\"; filename*=UTF-8''%E5%B1%A5%E6%AD%B4%E6%9B%B8.pdf"),
        ("", "attachment; filename=\"document\"; filename*=UTF-8''document"),
    ],
)
def test_a_name_cannot_break_out_of_its_header(name: str, expected: str) -> None:
    assert attachment(name) == expected
    assert attachment(name).isascii() and "\n" not in attachment(name)


def test_a_document_is_shown_with_what_was_found_and_what_is_missing() -> None:
    found = DocumentDetail.found(view(RESUME, "resume", error_code=None), JOB, GapAnalysis(match=0.5))
    shown = found.model_dump(mode="json")
    assert shown["id"] == shown["task_id"] == shown["document_id"] == str(RESUME)
    assert shown["summary"] == {"summary_points": [], "key_skills": [], "experience_highlights": []}
    assert shown["gaps"] == {"against": str(JOB), "gaps": [], "match": 0.5}
    assert DocumentDetail.found(view(RESUME, "resume"), None, None).gaps is None


class Service:
    """A documents service whose document is read after so many looks, and subscriptions that hear nothing."""

    def __init__(self, looks: int, away: Sequence[int] = ()) -> None:
        self.looks = looks
        self.away = away
        self.asked = 0

    async def ask(self, *_: Any) -> Any:
        self.asked += 1
        if self.asked in self.away:
            raise NoRespondersError
        status = "completed" if self.asked > self.looks else "processing"
        return DocumentAnswer(document=view(RESUME, "resume", status=status))

    @asynccontextmanager
    async def outcome(self, _: UUID) -> AsyncIterator[asyncio.Queue[Any]]:
        yield asyncio.Queue()


async def test_an_outcome_that_was_missed_is_found_by_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library_module, "POLL_SECONDS", 0.01)
    service: Any = Service(looks=3)
    documents = Documents(service, service, service, service)
    assert (await documents.settled(CALLER, RESUME, 5)).status == "completed"
    assert service.asked == 4


async def test_a_wait_outlives_a_restart_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library_module, "POLL_SECONDS", 0.01)
    service: Any = Service(looks=4, away=(2, 3))
    documents = Documents(service, service, service, service)
    assert (await documents.settled(CALLER, RESUME, 5)).status == "completed"
    forever: Any = Service(looks=10**6, away=range(2, 10**6))
    documents = Documents(forever, forever, forever, forever)
    assert (await documents.settled(CALLER, RESUME, 0.1)).status == "processing"


async def test_nobody_waits_longer_than_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library_module, "POLL_SECONDS", 0.01)
    service: Any = Service(looks=10**6)
    documents = Documents(service, service, service, service)
    assert (await asyncio.wait_for(documents.settled(CALLER, RESUME, 0.1), 5)).status == "processing"


class Away:
    """No replica of the service is there."""

    async def ask(self, *_: Any) -> Any:
        raise NoRespondersError


async def test_without_the_service_an_upload_is_503_and_stores_nothing() -> None:
    away: Any = Away()
    documents = Documents(away, away, away, away)
    with pytest.raises(Problem) as problem:
        await documents.upload(CALLER, NewFile("resume", b"x", "cv.pdf"))
    assert problem.value.status == 503 and problem.value.headers == {"Retry-After": "2"}


class Full:
    """The account has too much of something."""

    def __init__(self, over: Quota) -> None:
        self._over = over

    async def ask(self, *_: Any) -> Registered:
        return Registered(over=self._over)


async def test_callers_without_an_account_are_told_apart_by_where_they_are() -> None:
    class Listening:
        """Keeps what it is asked, and has no room."""

        def __init__(self) -> None:
            self.asked: list[Any] = []

        async def ask(self, service: str, question: str, wanted: Any, *_: Any, **__: Any) -> Registered:
            self.asked.append(wanted)
            return Registered(over="waiting")

    listening: Any = Listening()
    documents = Documents(listening, listening, listening, listening)
    here = [Caller(None, None, browser, "address 192.0.2.1/32") for browser in ("one", "another")]
    for caller in (*here, Caller(None, None, "one", "address 192.0.2.2/32"), CALLER):
        with pytest.raises(Problem):
            await documents.upload(caller, NewFile("resume", b"x", "cv.pdf"))
    first, again, elsewhere, account = (each.caller for each in listening.asked)
    assert first == again and first != elsewhere and account is None
    assert "192.0.2" not in str(first)


@pytest.mark.parametrize(("over", "status"), [("waiting", 429), ("documents", 409), ("storage", 409)])
async def test_who_has_too_much_is_told_of_what_and_nothing_is_stored(over: Quota, status: int) -> None:
    full: Any = Full(over)
    documents = Documents(full, full, full, full)
    with pytest.raises(Problem) as problem:
        await documents.upload(CALLER, NewFile("resume", b"x", "cv.pdf"))
    assert problem.value.status == status and problem.value.detail.startswith(("You", "Several"))
    assert ("Retry-After" in problem.value.headers) is (status == 429)
