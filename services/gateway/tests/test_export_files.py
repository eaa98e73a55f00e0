"""What is in an export where something behind it is slow, away or gone."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from contracts import Event, Payload
from contracts.session.asks import History, ReportAnswer, View
from contracts.session.events import AudioReceived
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.hearing import RecordingRef
from gateway.bus.commands import Caller
from gateway.dialects.ours.export_files import TRIES, Export, ExportedAccount, Owned
from gateway.problems import NoSuchSession
from gateway.usecases.documents import NoSuchDocument
from runtime.objects import ObjectNotFound
from test_report_document import session

NOW = datetime(2026, 11, 30, tzinfo=UTC)
Away = Exception | None


class Behind:
    """Everything that an export reads from. `recordings`, `interviews`: what becomes of each that is asked for."""

    def __init__(self, *recordings: Any, interviews: dict[UUID, Away] | None = None) -> None:
        self.recordings = [*recordings]
        self.interviews = interviews or {}
        self.asked: list[str] = []
        self.queries = self.speech = self.documents = self

    async def view(self, _: Caller, thing: UUID, **__: Any) -> View:
        self.asked.append(str(thing))
        if (error := self.interviews.get(thing, NoSuchDocument())) is not None:
            raise error
        return View(session=session(session_id=thing, status="active"))

    async def history(self, _: Caller, thing: UUID, after: int) -> History:
        events = [_heard(thing, number) for number in range(1, len(self.recordings) + 1)]
        return History(found=True, events=tuple(events[after : after + 2]), more=after + 2 < len(events))

    async def report(self, *_: Any) -> ReportAnswer:
        raise AssertionError("there is none before the end")

    async def recording(self, key: str) -> tuple[bytes, str]:
        self.asked.append(key)
        what = self.recordings[int(key)]
        if isinstance(what, Exception):
            raise what
        return what, "audio/webm"


def _heard(session_id: UUID, number: int) -> Event[Payload]:
    kept = RecordingRef(key=str(number - 1), size=1, sha256="0" * 64)
    data = AudioReceived(turn=(number - 1) // 2, question_id=uuid4(), recording=kept)
    return Event[Payload](
        id=uuid4(), type=data.TYPE, schema_version=1, subject_id=session_id, correlation_id=uuid4(), occurred_at=NOW,
        stream_version=number, data=data,
    )  # fmt: skip


async def exported(behind: Behind, config: SessionConfig | None = None) -> dict[str, bytes]:
    view = View(session=session(status="active", config=config or SessionConfig()))
    files = Export(behind, Caller(None), NOW).of_interview(view)  # type: ignore[arg-type]
    return {file.name.rpartition("/")[2]: file.data async for load in files if (file := await load()) is not None}


async def test_each_recording_is_there_under_the_turn_that_it_answers() -> None:
    files = await exported(Behind(b"one", b"again", b"two"))
    assert {name: data for name, data in files.items() if name.endswith(".webm")} == {
        "turn-00.webm": b"one", "turn-00-2.webm": b"again", "turn-01.webm": b"two",
    }  # fmt: skip
    assert len(json.loads(files["history.json"])["events"]) == 3 and "MISSING.txt" not in files


async def test_one_that_expired_is_listed_as_such() -> None:
    files = await exported(Behind(b"one", ObjectNotFound("1"), b"two"))
    listed = json.loads(files["recordings.json"])["recordings"]
    assert [each["file"] for each in listed] == ["turn-00.webm", None, "turn-01.webm"]
    assert "no longer" in listed[1]["note"] and "MISSING.txt" not in files


async def test_what_could_not_be_read_is_named_and_a_store_that_is_away_is_not_waited_for_each_time() -> None:
    behind = Behind(b"one", TimeoutError(), ConnectionError(), b"never asked for", b"nor this")
    files = await exported(behind)
    missing = files["MISSING.txt"].decode().splitlines()
    assert len(missing) == 4 and all("could not be read just now" in each for each in missing)
    assert len(behind.asked) == 1 + TRIES
    assert [each["note"] is None for each in json.loads(files["recordings.json"])["recordings"]] == [True, *[False] * 4]
    assert "messages.json" in files, "the rest is there"


async def test_a_document_that_was_deleted_meanwhile_is_left_out() -> None:
    files = await exported(Behind(), SessionConfig(resume_id=uuid4()))
    assert "MISSING.txt" not in files and "read.json" not in files


async def test_an_interview_that_was_erased_meanwhile_is_left_out_and_five_hundred_are_there() -> None:
    ids = [uuid4() for _ in range(500)]
    behind = Behind(interviews={each: NoSuchSession() if each == ids[7] else None for each in ids})
    account = ExportedAccount.model_construct(logins=[])
    files = Export(behind, Caller(uuid4()), NOW).of_account(Owned(account, ids, (), ()))  # type: ignore[arg-type]
    names = [file.name async for load in files if (file := await load()) is not None]
    assert sum(name.endswith("/interview.json") for name in names) == 499
    assert len(names) == len(set(names)) and "MISSING.txt" not in names
