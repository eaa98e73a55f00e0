"""Asks every operation and every socket as seven kinds of caller and keeps what each is told: `docs/access.md`.

The interview, the document and the question bank belong to the owner. An end-to-end test asks again and compares.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import jwt
from devkit.stack import Stack

from tools.examples import ANSWER, BANK, BANK_FILE, EXAMPLES, JOB, PASSWORD, RESUME, grant_admin
from tools.generated import arguments, write
from tools.openapi import operations, present
from tools.paths import ROOT

PAGE = ROOT / "docs/access.md"
SECRET = "a secret of thirty-two characters."
CALLERS = ("anonymous", "owner", "other user", "admin", "expired", "revoked", "malformed")
LAST = ("owner",)
"""Who may change what belongs to the owner asks after everybody else."""
SOCKETS = ("/api/v1/interview/{interview_id}/chat", "/ws", "/ws/interview/{session_token}")
AFTER_THE_END = ("/report", "/better-answer", "/correction", "/retry", "/feedback")
"""Ends of the paths that make sense once an interview is over."""
_HEAD = """# Who is told what

Every operation and socket, asked by seven callers. The interview, the document and the question bank that a path or
`X-Session-ID` names belong to the owner, the account that a path names to none of them. This page is made from a
running Parley by `python -m tools.access --write`, and an end-to-end test compares it. A socket whose path holds an
interview's id is authorised by that id; a token that is sent beside it has to be good, and the owner's. Cells are
statuses, for sockets the code that they are closed with or `open`.

"""


@dataclass
class Things:
    """What belongs to the owner."""

    running: str = ""
    alias: str = ""
    number: int = 0
    login: str = ""
    session_token: str = ""
    over: int = 0
    fresh: int = 0
    ended: str = ""
    document: str = ""
    bank: str = ""


@dataclass
class Asker:
    """Asks as any caller."""

    http: aiohttp.ClientSession
    stack: Stack
    tokens: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where it asks."""
        return self.stack.url

    def headers(self, caller: str) -> dict[str, str]:
        """Who the caller says to be."""
        return {"Authorization": f"Bearer {self.tokens[caller]}"} if caller in self.tokens else {}

    async def do(self, caller: str, method: str, path: str, **options: Any) -> Any:
        """A request that has to succeed; its answer."""
        headers = {**self.headers(caller), **options.pop("headers", {})}
        async with self.http.request(method, self.url + path, headers=headers, **options) as response:
            if response.status >= 300:
                raise RuntimeError(f"{method} {path}: {response.status} {await response.text()}")
            return await response.json()

    async def log_in(self) -> None:
        """Make the accounts, and a token of each kind."""
        for caller in ("owner", "other user", "admin", "somebody"):
            account = {"email": f"{uuid4().hex}@example.org", "password": PASSWORD}
            issued = await self.do("", "POST", "/auth/register", json=account)
            self.tokens[caller], self.ids[caller] = issued["access_token"], issued["id"]
            if caller == "admin":
                await grant_admin(self.stack, account["email"])
            if caller == "owner":
                self.tokens["revoked"] = (await self.do("", "POST", "/auth/login", json=account))["access_token"]
        await self.do("revoked", "POST", "/auth/logout")
        owner = self.tokens["owner"]
        claims = jwt.decode(owner, options={"verify_signature": False})
        old = {**claims, "iat": claims["iat"] - 10**6, "exp": claims["iat"] - 10**5, "jti": str(uuid4())}
        header = jwt.get_unverified_header(owner)
        self.tokens["expired"] = jwt.encode(old, SECRET, algorithm=header["alg"], headers=header)
        self.tokens["malformed"] = "no.token.atall"

    async def things(self) -> Things:
        """Make what belongs to the owner."""
        running, ended = await self._session(), await self._session()
        for number in range(4):
            body, headers = {"message": f"{ANSWER} {number}"}, {"X-Session-ID": ended}
            await self.do("owner", "POST", "/interview/message", json=body, headers=headers)
        await self.do("owner", "POST", "/interview/end", headers={"X-Session-ID": ended})
        bank = await self.do("owner", "POST", "/api/v1/question-banks", json=BANK)
        kept = await self.do("owner", "POST", "/api/v1/resumes/upload", data=_form(RESUME))
        alias = f"int_{uuid4().hex}"
        await self.do("owner", "POST", f"/session/start/{alias}")
        numbers = [await self._numbered() for _ in range(3)]
        started = await self.do("owner", "POST", f"/interviews/{numbers[0]}/start")
        over = await self.do("owner", "POST", f"/interviews/{numbers[1]}/start")
        await self.do("owner", "DELETE", f"/interviews/session/{over['session_token']}")
        shown = (await self.do("owner", "GET", "/api/v1/account/logins"))["logins"]
        return Things(
            login=shown[0]["id"],
            running=running, alias=alias, number=numbers[0], session_token=started["session_token"], over=numbers[1],
            fresh=numbers[2],
            ended=ended, document=kept["resume_id"], bank=bank["id"],
        )  # fmt: skip

    async def _numbered(self) -> int:
        made = await self.do("owner", "POST", "/interviews", json={"position": "Nurse", "num_questions": 50})
        return int(made["id"])

    async def _session(self) -> str:
        made = await self.do("owner", "POST", "/interview/session", json={"target_question_count": 2})
        session_id = str(made["session_id"])
        await self.do("owner", "POST", "/interview/start", headers={"X-Session-ID": session_id})
        return session_id

    async def status(self, caller: str, name: str, things: Things, example: Mapping[str, Any]) -> int:
        """What an operation says to a caller."""
        method, template = name.split(" ", 1)
        over = template.endswith(AFTER_THE_END)
        names = {
            "session_id": things.ended if over else things.running,
            "interview_id": _interview_of(name, things),
            "session_token": things.session_token,
            "document_id": things.document,
            "bank_id": things.bank,
            "user_id": self.ids["somebody"],
            "login_id": things.login,
            "turn": "1",
            "task_id": str(UUID(int=7)),
            "audio_token": "made-up",
        }
        headers = {**self.headers(caller), "X-Session-ID": things.running}
        options = _body(template, example)
        headers |= options.pop("headers", {})
        url = self.url + template.format(**names)
        async with self.http.request(method, url, headers=headers, **options) as response:
            return response.status

    async def socket(self, caller: str, template: str, things: Things) -> str:
        """What becomes of a socket."""
        query = f"?token={self.tokens[caller]}" if caller in self.tokens else ""
        path = template.format(interview_id=things.running, session_token=things.session_token)
        async with self.http.ws_connect(self.url + path + query) as socket:
            await socket.send_json({"type": "ping", "payload": ""})  # the chat calls it an error, and says more
            while True:
                message = await socket.receive(timeout=10)
                if message.type is not aiohttp.WSMsgType.TEXT:
                    return str(socket.close_code)
                if json.loads(message.data)["type"] in ("llm_response", "pong"):
                    return "open"


def _interview_of(name: str, things: Things) -> str:
    """Two APIs call an interview so."""
    method, template = name.split(" ", 1)
    if not template.startswith("/interviews/"):
        return things.alias
    if method == "PUT":  # only before it begins
        return str(things.fresh)
    return str(things.over if template.endswith("/results") else things.number)


def _form(text: str) -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("file", f"{text}\n{uuid4()}".encode(), filename="file.txt", content_type="text/plain")
    return form


def _body(template: str, example: Mapping[str, Any]) -> dict[str, Any]:
    if "upload" in template:
        return {"data": _form(JOB if template.endswith("/jd") else RESUME)}
    if "text-to-speech" in template:
        return {"data": {"text": "Tell me about yourself."}}
    if template.endswith("/import"):
        return {"data": BANK_FILE, "headers": {"Content-Type": "application/yaml"}}
    return {"json": example["request"]} if "request" in example else {}


async def table(stack: Stack) -> dict[str, dict[str, str]]:
    """By operation and caller, what the caller is told."""
    examples = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    found: dict[str, dict[str, str]] = {}
    async with aiohttp.ClientSession() as http:
        asker = Asker(http, stack)
        await asker.log_in()
        things = await asker.things()
        for name in sorted(operations(present()), key=_changes_last):
            for caller in sorted(CALLERS, key=lambda each: each in LAST):
                example = await _fresh(asker, name, examples.get(name, {}), things)
                told = str(await asker.status(caller, name, things, example))
                found.setdefault(name, {})[caller] = told
            if _ends_things(name):
                if _ends_logins(name):
                    await asker.log_in()
                things = await asker.things()
        for template in SOCKETS:
            for caller in CALLERS:
                found.setdefault(f"WS {template}", {})[caller] = await asker.socket(caller, template, things)
    return found


def _changes_last(name: str) -> tuple[bool, str]:
    return _ends_things(name), name


def _ends_things(name: str) -> bool:
    """Whether the owner's request takes something away that later ones need."""
    return name.startswith("DELETE") or name.endswith(("/logout", "/interview/end", "/interview/reset", "/refresh"))


def _ends_logins(name: str) -> bool:
    """Whether somebody's login or account is over after it."""
    return name.endswith(("/logout", "/refresh")) or "/logins" in name or name.startswith("DELETE /users")


async def _fresh(asker: Asker, name: str, example: Mapping[str, Any], things: Things) -> Mapping[str, Any]:
    """The example with accounts, tokens and documents that there are."""
    account = {"email": f"{uuid4().hex}@example.org", "password": PASSWORD}
    if name.endswith("/register"):
        return {"request": account}
    if name.endswith(("/auth/login", "/auth/token", "/auth/refresh")):
        issued = await asker.do("", "POST", "/auth/register", json=account)
        return {"request": {"refresh_token": issued["refresh_token"]} if name.endswith("/refresh") else account}
    if "request" not in example:
        return {}
    ours = {"resume_id": things.document, "session_token": things.session_token}
    body = {name: ours.get(name, value) for name, value in example["request"].items() if name != "jd_id"}
    return {"request": body}


def page(found: Mapping[str, Mapping[str, str]]) -> str:
    """The table as a page."""
    head = "| operation | " + " | ".join(CALLERS) + " |\n|---"
    lines = [head + "|---" * len(CALLERS) + "|"]
    for name, told in sorted(found.items(), key=lambda each: (each[0].split(" ", 1)[1], each[0])):
        lines.append(f"| `{name}` | " + " | ".join(told[caller] for caller in CALLERS) + " |")
    return _HEAD + "\n".join(lines) + "\n"


def main() -> int:
    """The exit code."""
    if arguments(__doc__).check:
        return 0  # an end-to-end test compares it: that takes a whole Parley
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder), {"JWT_SECRET": SECRET}) as stack:
        found = asyncio.run(table(stack))
    write(PAGE, page(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
