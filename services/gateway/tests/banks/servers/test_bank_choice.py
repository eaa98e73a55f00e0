"""Which questions of one's own a session asks: those of a bank, or those in the body."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

QUESTION = {"text": "Why would you put a queue between two services?"}
ROUTES = ["/interview/session", "/interview/start", "/api/v1/interview/start"]


async def begun(person: Any, route: str, body: Any) -> Any:
    """The answer to a request that configures a session."""
    return await person.call("POST", route, body, X_Session_ID=str(uuid4()))


def texts(played: Any) -> list[str]:
    """The questions that the last session was configured with."""
    return [question.text for question in played.configs[-1].questions]


@pytest.mark.parametrize("route", ROUTES)
async def test_a_banks_questions_are_copied(ada: Any, played: Any, route: str) -> None:
    made = await ada.create()
    answered = await begun(ada, route, {"question_bank_id": made["id"], "job_role": "Pilot"})
    assert answered.status == 200, answered.body
    assert played.configs[-1].job_role == "Pilot"
    assert [question.model_dump(mode="json") for question in played.configs[-1].questions] == made["questions"]


@pytest.mark.parametrize("route", ROUTES)
async def test_a_bank_that_is_not_there_is_404(ada: Any, bob: Any, played: Any, route: str) -> None:
    theirs = (await bob.create())["id"]
    for bank_id in (theirs, str(uuid4()), "mine", 7, [theirs]):
        answered = await begun(ada, route, {"question_bank_id": bank_id})
        assert answered.status == 404 and "session" not in answered.json["detail"].lower()
    assert played.configs == []


@pytest.mark.parametrize("route", ROUTES)
async def test_naming_a_bank_needs_an_account(ada: Any, anonymous: Any, route: str) -> None:
    answered = await begun(anonymous, route, {"question_bank_id": (await ada.create())["id"]})
    assert answered.status == 401 and answered.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("route", ROUTES)
async def test_questions_in_the_body_need_neither_account_nor_ids(anonymous: Any, played: Any, route: str) -> None:
    assert (await begun(anonymous, route, {"questions": [QUESTION, QUESTION]})).status == 200
    assert texts(played) == [QUESTION["text"]] * 2
    assert len({question.id for question in played.configs[-1].questions}) == 2


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("questions", "status", "said"),
    [
        ("Why?", 400, "questions: "),
        ([QUESTION, {"text": "a\x00bcde"}], 400, "questions.1.text"),
        ([QUESTION] * 101, 400, "at most 100"),
        ([{"text": "é" * 1000}] * 40, 413, "64 KiB"),
        ([{**QUESTION, "id": "a"}] * 2, 400, "Question 2, `id`"),
    ],
)
async def test_questions_in_the_body_have_the_limits_of_a_bank(
    anonymous: Any, route: str, questions: Any, status: int, said: str
) -> None:
    answered = await begun(anonymous, route, {"questions": questions})
    assert answered.status == status and said in answered.json["detail"]


@pytest.mark.parametrize("route", ROUTES)
async def test_a_bank_and_questions_at_once_are_400(ada: Any, route: str) -> None:
    body = {"question_bank_id": (await ada.create())["id"], "questions": [QUESTION]}
    answered = await begun(ada, route, body)
    assert answered.status == 400 and "not both" in answered.json["detail"]


@pytest.mark.parametrize("nothing", [None, "", " ", "null", "undefined"])
async def test_these_name_no_bank(anonymous: Any, played: Any, nothing: Any) -> None:
    assert (await begun(anonymous, "/interview/session", {"question_bank_id": nothing, "questions": []})).status == 200
    assert texts(played) == []
    assert (await begun(anonymous, "/interview/start", {"question_bank_id": nothing})).status == 200
    assert played.configs[-1] is None  # nothing is said about the configuration: it stays as it is
