"""Documents from their upload to the interview that they ground: over HTTP, through every service."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from devkit.stack import Stack
from fpdf import FPDF

RESUME = """Anne Example
anne@example.org | +49 30 1234567

Summary
Backend developer with eight years in payments.

Experience

Senior Backend Developer, Northwind Payments
March 2019 - Present
- Built a settlement service in Go on Postgres that handles 900 requests a second.
- Moved 40 services to Kubernetes and halved their hosting costs.
- Introduced Kafka for ledger events and cut reconciliation from 6 hours to 12 minutes.

Backend Developer, Fabrikam Logistics
June 2015 - February 2019
- Wrote the route planner in Python with Redis caching for 300 drivers.
- Replaced nightly batch imports by a REST API used by 25 partners.

Projects

Open source: maintainer of tinyqueue, a message queue in Rust with 1,200 stars.

Skills
Go, Python, Rust, PostgreSQL, Redis, Kafka, Kubernetes, Docker, Terraform
"""
JOB = """Staff Backend Engineer

Contoso Bank builds instant payments.

Requirements
- At least 5 years of experience with Go or Java
- Experience with Kafka and PostgreSQL
- Strong knowledge of Kubernetes
- Experience with COBOL

Nice to have
- Terraform
"""


def pdf(text: str, mark: str = "") -> bytes:
    """A text as a PDF, different from others by its mark."""
    made = FPDF()
    made.add_page()
    for line in text.splitlines():
        heading = line in ("Summary", "Experience", "Projects", "Skills", "Requirements", "Nice to have")
        made.set_font("helvetica", "B" if heading else "", 15 if heading else 11)
        made.multi_cell(0, 6, line or " ", new_x="LMARGIN", new_y="NEXT")
    made.set_title(mark or uuid4().hex)
    return bytes(made.output())


async def upload(
    client: Any, path: str, raw: bytes, name: str = "cv.pdf", headers: dict[str, str] | None = None, **fields: str
) -> Any:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("file", raw, filename=name, content_type="application/octet-stream")
    for field, value in fields.items():
        form.add_field(field, value)
    return await client.call("POST", path, data=form, **(headers or {}))


async def read(client: Any, document_id: str) -> Any:
    """The document, once it is read."""
    path = f"/api/v1/documents/{document_id}"
    return await client.eventually(path, lambda body: body.get("status", "processing") != "processing", 30)


async def test_a_resume_becomes_text_without_a_login(client: Any) -> None:
    reply = await upload(client, "/files/upload-resume", pdf(RESUME), "Lebenslauf Müller.pdf")
    assert reply.status == 200, reply
    assert set(reply.body) == {"filename", "resume_text", "message", "resume_id"}
    assert reply.body["filename"] == "Lebenslauf Müller.pdf"
    assert reply.body["message"] == "File processed successfully."
    for line in RESUME.splitlines():
        assert " ".join(line.lstrip("- ").split()) in " ".join(reply.body["resume_text"].split())


@pytest.mark.parametrize(
    ("raw", "status", "says"),
    [
        (b"", 400, "empty"),
        (b" \n ", 400, "no text"),
        (b"\x7fELF\x02\x01\x01" + bytes(200), 400, "PDF"),
        (b"%PDF-1.7\n" + b"x" * 300, 400, "damaged"),
        (b"x" * (10 * 2**20 + 1), 413, "10 MB"),
    ],
    ids=["nothing", "blank", "program", "broken", "large"],
)
async def test_what_cannot_be_read_is_said(client: Any, raw: bytes, status: int, says: str) -> None:
    for path in ("/files/upload-resume", "/api/v1/resumes/upload"):
        if path.startswith("/api"):
            await client.register()
        reply = await upload(client, path, raw)
        assert reply.status == status, reply
        assert says.lower() in reply.detail.lower()
    assert (await client.get("/api/v1/documents")).body == {"documents": []}


async def test_a_form_without_a_file_is_400(client: Any) -> None:
    for data in (b"", b"{}", {"job_role": "x"}):
        reply = await client.call("POST", "/files/upload-resume", data=data)
        assert reply.status == 400 and reply.detail


async def test_a_resume_of_an_account_is_kept_once(client: Any, other: Any) -> None:
    raw = pdf(RESUME)
    assert (await upload(client, "/api/v1/resumes/upload", raw)).status == 401
    await client.register()
    first = await upload(client, "/api/v1/resumes/upload", raw, job_role="Engineer")
    assert first.status == 200, first
    assert {"Go", "Kafka", "Kubernetes"} <= set(first.body["skills"]) and first.body["duplicate"] is False
    second = await upload(client, "/api/v1/resumes/upload?job_role=Architect", raw, "another name.pdf")
    assert (second.body["resume_id"], second.body["duplicate"]) == (first.body["resume_id"], True)
    assert second.body["skills"] == first.body["skills"]
    [listed] = (await client.get("/api/v1/documents")).body["documents"]
    assert (listed["job_role"], listed["filename"]) == ("Architect", "another name.pdf")
    await other.register()
    theirs = await upload(other, "/api/v1/resumes/upload", raw)
    assert theirs.body["duplicate"] is False and theirs.body["resume_id"] != first.body["resume_id"]


async def test_a_repeated_upload_under_a_key_is_one_document(client: Any) -> None:
    raw, key = pdf(RESUME), {"Idempotency-Key": uuid4().hex}
    path = "/api/v1/documents/upload/resume"
    replies = await asyncio.gather(*(upload(client, path, raw, headers=key) for _ in range(3)))
    assert {reply.status for reply in replies} == {200}
    assert len({reply.body["document_id"] for reply in replies}) == 1
    assert (await upload(client, path, pdf(RESUME), headers=key)).status == 409


async def test_an_upload_is_read_afterwards_and_shows_how_far_it_is(client: Any) -> None:
    await client.register()
    reply = await upload(client, "/api/v1/documents/upload/jd", pdf(JOB), "job.pdf")
    assert reply.status == 200 and reply.body["message"] and reply.body["filename"] == "job.pdf"
    assert reply.body["stored_path"] and reply.body["task_id"] == reply.body["document_id"]
    job_id = reply.body["document_id"]
    resume_id = (await upload(client, "/api/v1/documents/upload/resume", pdf(RESUME))).body["document_id"]
    url = f"{client.url}/api/v1/documents/{resume_id}/events"
    async with client.http.get(url, headers=client.headers) as response:
        assert response.status == 200
        lines = (await asyncio.wait_for(response.read(), 30)).decode()
    events = re.findall(r"event: (\w+)\ndata: (.*)", lines)
    assert events[-1][0] == "completed" and json.loads(events[-1][1])["status"] == "completed"
    assert (await read(client, job_id))["title"] == "Staff Backend Engineer"
    document = await read(client, resume_id)
    assert document["title"] == "Senior Backend Developer" and document["language"] == "en"
    assert document["summary"]["experience_highlights"] and document["summary"]["key_skills"]
    assert all(point in RESUME for point in document["summary"]["experience_highlights"])
    gaps = document["gaps"]
    assert gaps["against"] == job_id and 0.5 < gaps["match"] < 1
    coverage = {gap["requirement"]: gap for gap in gaps["gaps"]}
    assert coverage["Experience with COBOL"]["coverage"] == "missing"
    kafka = coverage["Experience with Kafka and PostgreSQL"]
    assert kafka["coverage"] == "covered" and kafka["evidence"] in RESUME and kafka["source"] in JOB
    against = await client.get(f"/api/v1/documents/{job_id}?against={resume_id}")
    assert against.body["gaps"]["gaps"] == gaps["gaps"]


async def test_the_reading_of_a_long_document_can_be_watched(client: Any) -> None:
    raw = pdf(RESUME * 60)
    document_id = (await upload(client, "/api/v1/documents/upload/resume", raw)).body["document_id"]
    async with client.http.get(f"{client.url}/api/v1/documents/{document_id}/events") as response:
        lines = (await asyncio.wait_for(response.read(), 30)).decode()
    events = [(kind, json.loads(data)) for kind, data in re.findall(r"event: (\w+)\ndata: (.*)", lines)]
    steps = [data for kind, data in events if kind == "progress"]
    assert {"understanding", "indexing"} <= {step["stage"] for step in steps}
    assert [step["percent"] for step in steps] == sorted(step["percent"] for step in steps)
    assert events[-1][0] == "completed"


async def test_a_document_can_be_looked_into_downloaded_and_deleted(client: Any, other: Any) -> None:
    await client.register()
    raw = pdf(RESUME)
    document_id = (await upload(client, "/api/v1/documents/upload/resume", raw, 'a "b"\\é.pdf')).body["document_id"]
    await read(client, document_id)
    path = f"/api/v1/documents/{document_id}"
    assert "anne@example.org" in (await client.get(f"{path}/text")).body["text"]
    bare = (await client.get(f"{path}/text?contact=false")).body["text"]
    assert "Northwind" in bare and "anne@example.org" not in bare and "1234567" not in bare
    chunks = (await client.get(f"{path}/chunks")).body["chunks"]
    assert [chunk["chunk_index"] for chunk in chunks] == list(range(len(chunks)))
    assert {"parent_section", "chunk_type", "entry_index", "domains", "primary_domain"} <= set(chunks[0])
    file = await client.get(f"{path}/file")
    assert file.body == raw and file.headers["Content-Type"] == "application/pdf"
    assert file.headers["Content-Disposition"].startswith("attachment;")
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    await other.register()
    for stranger in (other, client.having()):
        for part in ("", "/text", "/chunks", "/file", "/events"):
            assert (await stranger.get(path + part)).status == 404
        assert (await stranger.call("DELETE", path)).status == 404
    assert (await client.call("DELETE", path)).status == 200
    for part in ("", "/text", "/chunks", "/file", "/events"):
        assert (await client.get(path + part)).status == 404
    assert (await client.call("DELETE", path)).status == 404
    assert (await client.get("/api/v1/documents/not-an-id")).status == 404


async def test_a_newer_version_takes_the_place_of_a_resume(client: Any, other: Any) -> None:
    await client.register()
    path = "/api/v1/documents/upload/resume"
    first = (await upload(client, path, pdf(RESUME))).body["document_id"]
    second = (await upload(client, path, pdf(RESUME + "\nAWS"), replaces=first)).body["document_id"]
    versions = (await client.get(f"/api/v1/documents/{first}/versions")).body["versions"]
    assert [(each["document_id"], each["version"], each["latest"]) for each in versions] == [
        (second, 2, True),
        (first, 1, False),
    ]
    await other.register()
    assert (await upload(other, path, pdf(RESUME), replaces=first)).status == 404


async def test_nobody_starts_an_interview_with_anothers_document(client: Any, other: Any) -> None:
    await client.register()
    resume = (await upload(client, "/api/v1/resumes/upload", pdf(RESUME))).body["resume_id"]
    job = (await upload(client, "/api/v1/documents/upload/jd", pdf(JOB))).body["document_id"]
    await other.register()
    for stranger in (other, client.having()):
        for body in ({"resume_id": resume}, {"jd_id": job}, {"resume_id": str(uuid4())}, {"resume_id": "nonsense"}):
            assert (await stranger.post("/api/v1/interview/start", body)).status == 404
            assert (await stranger.post("/interview/session", body)).status == 404
    for body in ({"resume_id": job}, {"jd_id": resume}, {"resume_id": resume, "resume_content": "I am Anne."}):
        assert (await client.post("/interview/session", body)).status == 400
    broken = (await upload(client, "/api/v1/documents/upload/resume", b"%PDF-1.7\nno")).body["document_id"]
    refused = await client.post("/api/v1/interview/start", {"resume_id": broken})
    assert refused.status == 409 and "could not be read" in refused.detail


async def test_an_interview_begins_from_a_resume_with_a_welcome(client: Any, other: Any) -> None:
    body = {"resume_id": str(uuid4()), "job_role": "Data Scientist"}
    assert (await client.post("/api/v1/interviews/start", body)).status == 401
    await client.register()
    assert (await client.post("/api/v1/interviews/start", body)).status == 404
    assert (await client.post("/api/v1/interviews/start", {"job_role": "Data Scientist"})).status == 400
    raw = pdf(RESUME)
    body["resume_id"] = (await upload(client, "/api/v1/resumes/upload", raw)).body["resume_id"]
    await other.register()
    assert (await other.post("/api/v1/interviews/start", body)).status == 404
    key = {"Idempotency-Key": uuid4().hex}
    started = await client.post("/api/v1/interviews/start", body, **key)
    assert started.status == 200 and set(started.body) == {"session_id", "message", "type"}, started
    assert started.body["type"] == "welcome" and "ready" in started.body["message"].lower()
    assert (await client.post("/api/v1/interviews/start", body, **key)).body == started.body
    await upload(client, "/api/v1/resumes/upload", raw, job_role="Astronaut")
    assert (await client.post("/api/v1/interviews/start", body, **key)).body == started.body
    assert (await client.post("/api/v1/interviews/start", {**body, "job_role": "Pilot"}, **key)).status == 409
    client.headers["X-Session-ID"] = started.body["session_id"]
    introduction = await client.say("Yes, I am ready.")
    assert introduction.body["response_type"] == "introduction", introduction


async def test_most_questions_refer_to_the_documents_and_each_reference_is_true(client: Any) -> None:
    """An interview with the scripted engine. No wait between the uploads and the start: that waits by itself."""
    await client.register()
    resume = (await upload(client, "/api/v1/documents/upload/resume", pdf(RESUME))).body["document_id"]
    job = (await upload(client, "/api/v1/documents/upload/jd", pdf(JOB))).body["task_id"]
    created = await client.post("/interview/session", {"resume_id": resume, "jd_id": job, "target_question_count": 10})
    assert created.status == 200 and created.body["message"].endswith("Staff Backend Engineer"), created
    client.headers["X-Session-ID"] = created.body["session_id"]
    assert (await client.post("/interview/start")).status == 200
    answers = ("At Northwind I built the settlement service in Go, because Java was too slow; it cost us 3 weeks.",)
    replies = await client.to_the_end(answers[0])
    chunks = {
        (document, chunk["chunk_index"]): chunk["text"]
        for document in (resume, job)
        for chunk in (await client.get(f"/api/v1/documents/{document}/chunks")).body["chunks"]
    }
    asked = [reply.body for reply in replies if reply.body["response_type"] == "question"]
    new = [each for each in asked if each["metadata"]["action"] == "new_question"]
    referring = [each for each in new if each["metadata"]["sources"]]
    assert len(new) >= 5 and len(referring) / len(new) > 0.5, [each["content"] for each in new]
    for each in referring:
        cited = " ".join(chunks[source["document_id"], source["chunk_index"]] for source in each["metadata"]["sources"])
        named = shared_names(each["content"], cited)
        assert named, (each["content"], cited)


def shared_names(question: str, cited: str) -> set[str]:
    """Names, tools and numbers that a question has from the passage that it cites."""
    names = set(re.findall(r"[A-Z][\w+#]+|\d[\d,.]*\d|\d+|[a-z]+[A-Z]\w+", cited))
    return {name for name in names if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", question)}


async def test_killing_the_service_in_the_middle_loses_no_document(
    stack: Stack, client: Any, hanging: Callable[..., Any]
) -> None:
    await client.register()
    with hanging(stack, "documents"):
        path = "/api/v1/documents/upload/resume"
        uploads = [asyncio.create_task(upload(client, path, pdf(RESUME + "\nx" * number))) for number in range(4)]
        await asyncio.sleep(0.5)
    ids = [(await each).body["document_id"] for each in uploads]
    assert stack.kill("documents")
    for document_id in ids:
        assert (await read(client, document_id))["status"] == "completed"
    listed = (await client.get("/api/v1/documents")).body["documents"]
    assert sorted(each["document_id"] for each in listed) == sorted(ids)
