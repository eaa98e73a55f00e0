"""A backup is made while people are interviewed, everything is destroyed, and it is put back: interviews go on at the
same question, and who was erased since stays erased."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from devkit.embedded import EmbeddedNats, EmbeddedPostgres
from devkit.stack import Stack
from devkit.supervisor import DATABASE
from runtime.backup import rows
from runtime.nats_users import ADMIN
from runtime.sql.migrations import DatabaseAdmin

from tests.person import Person, until

CV = "Anne Example\n\nExperience\n\nBackend Engineer, Northwind, 2019 to 2024\n- Moved payments to Postgres.\n" * 30


def parley(environment: dict[str, str], *arguments: str | Path, code: int = 0) -> str:
    command = [sys.executable, "-m", "runtime", *arguments]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def administration(stack: Stack) -> dict[str, str]:
    return {"NATS_URL": stack.nats_url, "DATABASE_ADMIN_URL": stack.database_url, "LOG_LEVEL": "ERROR"}


@contextmanager
def servers_alone(folder: Path) -> Iterator[dict[str, str]]:
    """NATS and Postgres of a data folder, without a service; how to look after them."""
    with EmbeddedNats(folder / "nats") as nats, EmbeddedPostgres(folder / "postgres") as postgres:
        yield {
            "NATS_URL": nats.url.replace(f"{ADMIN}:{nats.password}@", ""),
            "NATS_ADMIN_USER": ADMIN,
            "NATS_ADMIN_PASSWORD": nats.password,
            "DATABASE_ADMIN_URL": postgres.url(DATABASE),
            "LOG_LEVEL": "ERROR",
        }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("backup")


def test_everything_is_destroyed_and_put_back(folder: Path) -> None:
    with Stack(folder / "first", {"LOG_LEVEL": "ERROR"}) as stack:
        anne, ben, clare = (Person(stack.url) for _ in range(3))
        anne.register()
        document, deleted_later = anne.upload(CV), anne.upload(CV)
        interview = anne.begin(6, answers=2)
        asked = anne.history()
        gone = ben.begin(6, answers=1)
        clare.register()
        told = parley(administration(stack), "backup", folder / "backup", "--ledger", folder / "ledger")
        assert "files" in told
        parley(administration(stack), "backup", folder / "backup", code=1)  # it is there already

        anne.say(2)  # newer than the backup: lost
        newer = Person(stack.url)
        newer_interview = newer.begin(6, answers=1)
        assert ben.status("DELETE", f"/api/v1/sessions/{gone}") == 200
        anne("DELETE", f"/api/v1/documents/{deleted_later}")
        parley(administration(stack), "ledger", folder / "ledger")
        kept = [path for path in (folder / "first").iterdir() if path.is_file() and path.name != "up.log"]
        for path in kept:  # secrets, and what says which version wrote it
            shutil.copy(path, folder)
    shutil.rmtree(folder / "first")

    with servers_alone(folder / "second") as environment:
        parley(environment, "provision", "--create-database")
        assert "--without-ledger" in parley(environment, "restore", folder / "backup", code=2)
        told = parley(environment, "restore", folder / "backup", "--ledger", folder / "ledger")
        assert "2 stay erased" in told
        assert "--overwrite" in parley(environment, "restore", folder / "backup", "--without-ledger", code=1)
        again = parley(environment, "restore", folder / "backup", "--ledger", folder / "ledger", "--overwrite")
        assert "2 stay erased" in again
    for path in kept:
        shutil.copy(folder / path.name, folder / "second")

    with Stack(folder / "second", {"LOG_LEVEL": "ERROR"}) as stack:
        for client in (anne, ben, clare, newer):
            client.url = stack.url
        assert anne.history() == asked
        assert anne("GET", "/interview/stats") and anne.say(2)["response_type"] in {"question", "follow_up"}
        assert len(anne.history()) == len(asked) + 2
        assert anne.status("GET", f"/api/v1/sessions/{interview}") == 200
        assert anne("GET", f"/api/v1/documents/{document}")["status"] == "completed"
        assert anne.status("GET", f"/api/v1/documents/{deleted_later}") == 404
        assert ben.status("GET", "/interview/history") == 404
        assert newer.status("GET", f"/api/v1/sessions/{newer_interview}") == 404
        assert clare.status("GET", "/auth/me") == 200
        assert lost_files(stack) == ""


def test_postgres_alone_is_put_back_and_what_came_since_is_handled_again(folder: Path) -> None:
    """As an archive of what Postgres wrote puts it back to a moment, while the broker has lived on."""
    with Stack(folder / "third", {"LOG_LEVEL": "ERROR"}) as stack:
        anne = Person(stack.url)
        anne.begin(6, answers=1)
        parley(administration(stack), "backup", folder / "earlier")
        moment = json.loads((folder / "earlier/manifest.json").read_text())["postgres"]["at"]
        anne.say(1)
        anne.say(2)
        known = anne.history()
    with servers_alone(folder / "third") as environment:
        asyncio.run(put_rows_back(environment["DATABASE_ADMIN_URL"], folder / "earlier"))
        parley(environment, "rewind", "--to", "2026-11-30T10:00", code=2)  # in which time zone?
        parley(environment, "rewind", "--to", moment)
    with Stack(folder / "third", {"LOG_LEVEL": "ERROR"}) as stack:
        anne.url = stack.url
        until(lambda: len(anne.history()) >= len(known))
        assert [words(each) for each in anne.history()] == [words(each) for each in known]
        assert anne.say(3)["response_type"] in {"question", "follow_up"}


def words(said: dict[str, Any]) -> tuple[Any, ...]:
    """What was said by whom; when it was recorded is another time."""
    return said["role"], said["content"], said.get("turn")


async def put_rows_back(url: str, backup: Path) -> None:
    told = json.loads((backup / "manifest.json").read_text())["postgres"]
    connection = await asyncpg.connect(url)
    await rows.begin_anew(connection, DatabaseAdmin(url), told["revisions"])
    await rows.load(connection, backup / "rows", told["tables"])
    await connection.close()


def lost_files(stack: Stack) -> str:
    """What `parley-documents lost` names."""
    environment = administration(stack) | {"DATABASE_URL": stack.service_database_url("documents")}
    command = [sys.executable, "-m", "documents", "lost"]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
    return done.stdout
