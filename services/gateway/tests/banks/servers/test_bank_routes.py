"""Question banks over the API: whose they are, what is answered, and what two requests at once do."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import unquote
from uuid import UUID, uuid4

import pytest
from contracts.vocabulary.limits import MAX_BANK_QUESTIONS

PATH = "/api/v1/question-banks"
QUESTION = {"text": "Why would you put a queue between two services?"}
NEW = {"name": "Mine", "questions": [QUESTION]}
CSV = f"text,expects\n{QUESTION['text']},Names the trade-off: latency\n".encode()
YAML = f"name: From a file\ndescription: Kept.\nquestions:\n- text: {QUESTION['text']}\n".encode()


def form(file: bytes, filename: str = "x.bin", **fields: str) -> tuple[bytes, str]:
    """A multipart body and its content type."""
    parts = [f'form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    parts.append(f'form-data; name="file"; filename="{filename}"\r\n\r\n'.encode() + file)
    body = b"".join(b"--b\r\nContent-Disposition: " + part + b"\r\n" for part in parts)
    return body + b"--b--\r\n", "multipart/form-data; boundary=b"


async def imported(person: Any, body: bytes, content_type: str, query: str = "", **headers: str) -> Any:
    """The answer to an import."""
    return await person.call("POST", f"{PATH}/import{query}", body, Content_Type=content_type, **headers)


# Keeping them


async def test_a_bank_is_kept_whole(ada: Any) -> None:
    made = await ada.create(description="About queues.")
    assert set(made) == {"id", "name", "description", "question_count", "created_at", "updated_at", "questions"}
    assert UUID(made["id"]) and made["created_at"] == made["updated_at"] and made["question_count"] == 1
    assert made["questions"] == [
        {
            "id": "why-would-you-put-a-queue-between-two-services",
            "text": QUESTION["text"],
            "domain": "system_design",
            "phase": "technical",
            "difficulty": "hard",
            "expects": [{"point": "Names the trade-off", "cues": ["latency", "durability"]}],
            "follow_ups": ["What happens when the queue is full?"],
        }
    ]
    for path in (f"{PATH}/{made['id']}", f"{PATH}/{made['id'].upper()}/"):
        assert (await ada.call("GET", path)).json == made


async def test_a_list_has_the_newest_first_and_no_questions(ada: Any) -> None:
    names = ["first", "second", "third"]
    made = [await ada.create(name=name) for name in names]
    listed = (await ada.call("GET", PATH)).json["question_banks"]
    assert [each["name"] for each in listed] == names[::-1]
    assert listed[0] == {name: value for name, value in made[-1].items() if name != "questions"}
    page = (await ada.call("GET", f"{PATH}/?skip=1&limit=1")).json["question_banks"]
    assert [each["name"] for each in page] == ["second"]


@pytest.mark.parametrize("query", ["limit=101", "limit=0", "skip=-1", "skip=x", f"skip={2**64}"])
async def test_a_bad_page_is_400(ada: Any, query: str) -> None:
    answered = await ada.call("GET", f"{PATH}?{query}")
    assert answered.status == 400 and isinstance(answered.json["detail"], str)


async def test_put_replaces_and_patch_changes_what_is_given(ada: Any) -> None:
    made = await ada.create(description="About queues.")
    path = f"{PATH}/{made['id']}"
    patched = (await ada.call("PATCH", path, {"name": "Renamed", "description": None})).json
    assert patched == {**made, "name": "Renamed", "updated_at": patched["updated_at"]}
    assert patched["updated_at"] > made["updated_at"]
    put = (await ada.call("PUT", path, {"name": "Other", "questions": [QUESTION, QUESTION]})).json
    assert (put["name"], put["description"], put["question_count"]) == ("Other", "", 2)
    assert put["created_at"] == made["created_at"]
    assert (await ada.call("GET", path)).json == put
    assert (await ada.call("PATCH", path, {})).json == put
    assert (await ada.call("PATCH", path, {"questions": [QUESTION]})).json["question_count"] == 1


async def test_a_deleted_bank_is_gone(ada: Any) -> None:
    path = f"{PATH}/{(await ada.create())['id']}"
    deleted = await ada.call("DELETE", path)
    assert deleted.status == 200 and deleted.json == {"message": "The question bank was deleted.", "id": path[-36:]}
    for method, body in (("GET", None), ("PUT", NEW), ("PATCH", {"name": "x"}), ("PATCH", {}), ("DELETE", None)):
        assert (await ada.call(method, path, body)).status == 404


# Whose they are


def routes(id: str) -> list[tuple[str, str, Any]]:
    one = f"{PATH}/{id}"
    return [
        ("GET", one, None),
        ("PUT", one, NEW),
        ("PATCH", one, {"name": "Taken"}),
        ("DELETE", one, None),
        ("GET", f"{one}/export", None),
        ("GET", f"{one}/export?format=csv", None),
    ]


async def test_another_persons_bank_is_not_there(ada: Any, bob: Any) -> None:
    made = await ada.create()
    for method, path, body in [*routes(made["id"]), *routes(str(uuid4())), *routes("mine")]:
        answered = await bob.call(method, path, body)
        assert (answered.status, answered.json) == (404, {"detail": "This question bank was not found."})
    assert (await bob.call("GET", PATH)).json == {"question_banks": []}
    assert (await ada.call("GET", f"{PATH}/{made['id']}")).json == made


async def test_nobody_without_an_account_has_banks(anonymous: Any) -> None:
    everything = [("GET", PATH, None), ("POST", PATH, NEW), ("POST", f"{PATH}/import", CSV), *routes(str(uuid4()))]
    for method, path, body in everything:
        answered = await anonymous.call(method, path, body)
        assert answered.status == 401 and answered.headers["www-authenticate"] == "Bearer"


async def test_banks_go_with_the_account(ada: Any, bob: Any, sql: Any) -> None:
    gone, kept = await ada.create(), await bob.create()
    [(user_id,)] = await sql("SELECT user_id FROM identity.question_banks WHERE id = $1", UUID(gone["id"]))
    await sql("DELETE FROM identity.users WHERE id = $1", user_id)
    assert await sql("SELECT 1 FROM identity.question_banks WHERE user_id = $1", user_id) == []
    assert (await bob.call("GET", f"{PATH}/{kept['id']}")).json == kept


# What is refused


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (None, "name: "),
        ({}, "name: "),
        ({"name": "x"}, "questions: "),
        ({**NEW, "name": " "}, "name: "),
        ({**NEW, "name": "x" * 121}, "name: "),
        ({**NEW, "description": "x" * 2001}, "description: "),
        ({**NEW, "questions": []}, "questions: "),
        ({**NEW, "questions": [QUESTION] * (MAX_BANK_QUESTIONS + 1)}, "questions: at most 100"),
        ({**NEW, "questions": [QUESTION, {"text": "x" * 9999}]}, "Question 2, `text`: at most 1000 characters"),
        ({**NEW, "questions": [{**QUESTION, "text": "a\x00bcde"}]}, "questions.0.text: "),
        (b"{", "JSON"),
        (b"[]", "JSON object"),
    ],
)
async def test_what_no_bank_can_be_is_400(ada: Any, body: Any, said: str) -> None:
    path = f"{PATH}/{(await ada.create())['id']}"
    for method, where in (("POST", PATH), ("PUT", path)):
        answered = await ada.call(method, where, body)
        assert answered.status == 400 and list(answered.json) == ["detail"]
        assert said in answered.json["detail"] and len(answered.body) < 300


async def test_too_large_a_bank_is_413(ada: Any) -> None:
    large = {**NEW, "questions": [{"text": "é" * 1000}] * 40}
    path = f"{PATH}/{(await ada.create())['id']}"
    for method, where, body in (("POST", PATH, large), ("PUT", path, large), ("PATCH", path, large)):
        assert (await ada.call(method, where, body)).status == 413
    assert (await ada.call("POST", PATH, b" " * 300_000)).status == 413


async def test_a_person_has_at_most_50_banks(ada: Any, bob: Any) -> None:
    answers = await asyncio.gather(*(ada.call("POST", PATH, NEW) for _ in range(55)))
    assert sorted(answered.status for answered in answers) == [201] * 50 + [409] * 5
    [full, *_] = [answered for answered in answers if answered.status == 409]
    assert "50" in full.json["detail"]
    listed = (await ada.call("GET", PATH)).json["question_banks"]
    assert len(listed) == 50
    assert (await ada.call("DELETE", f"{PATH}/{listed[7]['id']}")).status == 200
    assert (await ada.call("POST", PATH, NEW)).status == 201
    assert (await bob.call("POST", PATH, NEW)).status == 201


# Twice


async def test_the_same_key_and_body_are_the_same_bank(ada: Any, bob: Any) -> None:
    answers = await asyncio.gather(*(ada.call("POST", PATH, NEW, Idempotency_Key="k") for _ in range(5)))
    assert {answered.status for answered in answers} == {201} and len({answered.body for answered in answers}) == 1
    again = await ada.call("POST", PATH, {"questions": [QUESTION], "name": " Mine"}, Idempotency_Key="k")
    assert again.json == answers[0].json
    other = await ada.call("POST", PATH, {**NEW, "name": "Other"}, Idempotency_Key="k")
    assert other.status == 409 and "Idempotency-Key" in other.json["detail"]
    theirs = await bob.call("POST", PATH, NEW, Idempotency_Key="k")
    assert theirs.status == 201 and theirs.json["id"] != again.json["id"]
    assert len((await ada.call("GET", PATH)).json["question_banks"]) == 1


async def test_a_repeat_gets_its_bank_even_when_it_was_changed(ada: Any) -> None:
    made = (await ada.call("POST", PATH, NEW, Idempotency_Key="k")).json
    changed = (await ada.call("PATCH", f"{PATH}/{made['id']}", {"name": "Renamed"})).json
    assert (await ada.call("POST", PATH, NEW, Idempotency_Key="k")).json == changed


async def test_imports_are_keyed_by_their_content(ada: Any) -> None:
    first = await imported(ada, CSV, "text/csv", "?name=Mine", Idempotency_Key="k")
    again = await imported(ada, *form(CSV, name="Mine"), Idempotency_Key="k")
    assert first.status == again.status == 201 and first.body == again.body
    assert (await imported(ada, CSV, "text/csv", "?name=Other", Idempotency_Key="k")).status == 409


async def test_two_updates_at_once_never_mix(ada: Any) -> None:
    path = f"{PATH}/{(await ada.create())['id']}"
    versions = [
        {"name": f"Version {number}", "description": f"{number}", "questions": [{"text": f"Question {number}?"}] * 9}
        for number in range(8)
    ]
    answers = await asyncio.gather(*(ada.call("PUT", path, version) for version in versions))
    assert {answered.status for answered in answers} == {200}
    left = (await ada.call("GET", path)).json
    assert left in [answered.json for answered in answers]
    assert left["name"] == f"Version {left['description']}"
    assert {each["text"] for each in left["questions"]} == {f"Question {left['description']}?"}


# Files


@pytest.mark.parametrize("media_type", ["application/yaml", "text/yaml; charset=utf-8", "application/x-yaml"])
async def test_yaml_is_imported(ada: Any, media_type: str) -> None:
    answered = await imported(ada, YAML, media_type)
    assert answered.status == 201
    assert (answered.json["name"], answered.json["description"]) == ("From a file", "Kept.")
    assert [each["text"] for each in answered.json["questions"]] == [QUESTION["text"]]
    assert (await ada.call("GET", f"{PATH}/{answered.json['id']}")).json == answered.json
    named = await imported(ada, YAML, media_type, "?name=Mine&description=Other.")
    assert (named.json["name"], named.json["description"]) == ("Mine", "Other.")


async def test_csv_is_imported_and_named_by_the_request(ada: Any) -> None:
    answered = await imported(ada, CSV, "text/csv", "?name=M%C3%A4rz")
    assert (answered.status, answered.json["name"]) == (201, "März")
    assert answered.json["questions"][0]["expects"] == [{"point": "Names the trade-off", "cues": ["latency"]}]
    unnamed = await imported(ada, CSV, "text/csv", "?name=")
    assert unnamed.status == 400 and unnamed.json["detail"].startswith("name: ")


@pytest.mark.parametrize("filename", ["bank.csv", "bank.yaml", "bank", "bank.exe"])
async def test_the_file_of_a_form_is_known_by_its_content(ada: Any, filename: str) -> None:
    for file in (CSV, YAML):
        answered = await imported(ada, *form(file, filename, name="Mine", description="Ours.", unknown="x"))
        assert answered.status == 201, answered.body
        assert (answered.json["name"], answered.json["description"]) == ("Mine", "Ours.")


async def test_a_form_may_hold_the_file_as_text(ada: Any) -> None:
    body = b"file=name%3A+Mine%0Aquestions%3A%0A-+text%3A+Why+queues%3F"
    answered = await imported(ada, body, "application/x-www-form-urlencoded")
    assert answered.status == 201 and answered.json["questions"][0]["text"] == "Why queues?"


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (CSV, "", 400),
        (CSV, "text/plain", 400),
        (b"{}", "application/json", 400),
        (b"", "text/csv", 400),
        (b"--b\r\n", "multipart/form-data", 400),
        (b"--b\r\nnonsense", "multipart/form-data; boundary=b", 400),
        (b"--b--\r\n", "multipart/form-data; boundary=b", 400),
        (b"name=x", "application/x-www-form-urlencoded", 400),
        (b"a: &a [x]\nb: *a", "application/yaml", 400),
        (b"#" * 300_000, "text/csv", 413),
        (form(b"#" * 300_000)[0], "multipart/form-data; boundary=b", 413),
        (form(b"#" * 270_000)[0], "multipart/form-data; boundary=b", 413),
    ],
)
async def test_what_cannot_be_imported_is_refused(ada: Any, body: bytes, media_type: str, status: int) -> None:
    answered = await imported(ada, body, media_type, "?name=Mine")
    assert (answered.status, list(answered.json)) == (status, ["detail"])
    assert len(answered.body) < 300


@pytest.mark.parametrize(("format", "media_type"), [("yaml", "application/yaml"), ("csv", "text/csv")])
async def test_an_export_is_imported_as_an_equal_bank(ada: Any, bob: Any, format: str, media_type: str) -> None:
    odd = {"text": "=1+1, „was“\r\nist \"das\"; 'also'?", "expects": [{"point": "a: b\n", "cues": ["x, y", "\\n"]}]}
    made = await ada.create(name='Köln "A/B"', description="Zwei\nZeilen.", questions=[odd, QUESTION])
    exported = await ada.call("GET", f"{PATH}/{made['id']}/export?format={format}")
    assert exported.status == 200 and exported.headers["content-type"].startswith(media_type)
    disposition = exported.headers["content-disposition"]
    assert disposition.isascii() and disposition.startswith(f'attachment; filename="koln-a-b.{format}"; ')
    assert unquote(disposition.partition("filename*=UTF-8''")[2]) == f'Köln "A/B".{format}'
    query = "" if format == "yaml" else "?name=K%C3%B6ln%20%22A/B%22&description=Zwei%0AZeilen."
    answered = await imported(bob, exported.body, media_type, query)
    own = {"id", "created_at", "updated_at"}
    assert {name: value for name, value in answered.json.items() if name not in own} == {
        name: value for name, value in made.items() if name not in own
    }


async def test_an_export_is_yaml_unless_it_is_said(ada: Any) -> None:
    made = await ada.create(name="为什么")
    exported = await ada.call("GET", f"{PATH}/{made['id']}/export")
    assert exported.headers["content-type"] == "application/yaml"
    assert 'filename="questions.yaml"' in exported.headers["content-disposition"]
    assert (await ada.call("GET", f"{PATH}/{made['id']}/export?format=xlsx")).status == 400


# Documentation


async def test_the_documentation_describes_them(anonymous: Any) -> None:
    document = (await anonymous.call("GET", "/openapi.json")).json
    paths = {path: item for path, item in document["paths"].items() if path.startswith(PATH)}
    assert {path.removeprefix(PATH): set(item) for path, item in paths.items()} == {
        "": {"get", "post"},
        "/import": {"post"},
        "/{bank_id}": {"get", "put", "patch", "delete"},
        "/{bank_id}/export": {"get"},
    }
    operations = [operation for item in paths.values() for operation in item.values()]
    assert {tag for operation in operations for tag in operation["tags"]} == {"ours: question banks"}
    assert "BankQuestion" in document["components"]["schemas"]
    started = document["paths"]["/interview/session"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert "question_bank_id" in started["properties"]
