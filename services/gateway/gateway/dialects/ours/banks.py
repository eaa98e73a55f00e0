"""Ours, on top of the dialects: people's own question banks, and as files."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from gateway.auth.deps import CurrentUser
from gateway.banks.fields import Changes, Draft, Heading, checked_questions, plain
from gateway.banks.files import MEDIA_TYPES, Format, read_bank, write_bank
from gateway.banks.ids import slug
from gateway.banks.selection import parse_bank_id
from gateway.banks.store import Bank, Banks
from gateway.bus.commands import Caller
from gateway.bus.idempotency import KeyedRequest, keyed, request_hash
from gateway.dialects.dependencies import CurrentCaller, Services
from gateway.dialects.ours.bank_files import read_upload
from gateway.dialects.ours.bank_shapes import PART, UPLOAD, WHOLE, BankAnswer, BankList, Deleted, ListedBankAnswer
from gateway.edge.bodies import read_json
from gateway.edge.operations import dialect_router, errors, refuses
from gateway.values import parse, present

router = dialect_router(prefix="/api/v1/question-banks", tag="ours: question banks")
_MOST_SKIPPED = 1_000_000
_EXPORTED: dict[str, dict[str, Any]] = {media_type: {} for media_type in MEDIA_TYPES.values()}


async def _banks(services: Services) -> Banks:
    return services.banks


@refuses(404)
async def _bank_id(bank_id: str) -> UUID:
    return parse_bank_id(bank_id)


Store = Annotated[Banks, Depends(_banks)]
PathBank = Annotated[UUID, Depends(_bank_id)]


@router.post("", status_code=201, openapi_extra=WHOLE, responses=errors(409))
async def create(request: Request, user: CurrentUser, caller: CurrentCaller, banks: Store) -> BankAnswer:
    """Create a question bank."""
    draft = _draft(await read_json(request))
    return BankAnswer.of(await banks.create(user.id, draft, _keyed("create", caller, draft)))


@router.post("/import", status_code=201, openapi_extra=UPLOAD, responses=errors(409))
async def import_bank(
    request: Request,
    user: CurrentUser,
    caller: CurrentCaller,
    banks: Store,
    name: str | None = None,
    description: str | None = None,
) -> BankAnswer:
    r"""Import a question bank from a file, of at most 256 KiB.

    **YAML**: `name`, `description` and `questions`, as the JSON of the other routes has them. Aliases and tags are not
    accepted.

    **CSV**: a first row that names the columns, of `id, text, domain, phase, difficulty, expects, follow_ups`; only
    `text` is needed. Commas, semicolons or tabs separate the cells. The name is given in the query or in the form.

    - `follow_ups`: one question per line of the cell.
    - `expects`: one point per line, and behind a colon and a space its cues, parted by commas:
      `Names the trade-off: consistency, availability`.
    - In both, `\:` and `\,` part nothing, `\n` is a line break within a text, and `\\` is a backslash.
    - An apostrophe before a `=`, `+`, `-` or `@` that begins a cell is left out: an export puts it there, so that no
      spreadsheet computes the cell.
    """
    upload = await read_upload(request)
    fields = await asyncio.to_thread(read_bank, upload.raw, upload.format)
    given = {"name": name, "description": description}
    for source in (upload.fields, given):
        fields |= {each: source[each] for each in given if present(source.get(each))}
    draft = _draft({each: value for each, value in fields.items() if value is not None})
    return BankAnswer.of(await banks.create(user.id, draft, _keyed("import", caller, draft)))


@router.get("")
async def list_banks(
    user: CurrentUser,
    banks: Store,
    skip: Annotated[int, Query(ge=0, le=_MOST_SKIPPED)] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 100,
) -> BankList:
    """List your question banks, newest first, without their questions."""
    listed = await banks.listed(user.id, skip, limit)
    return BankList(question_banks=[ListedBankAnswer.model_validate(each, from_attributes=True) for each in listed])


@router.get("/{bank_id}")
async def read(user: CurrentUser, bank_id: PathBank, banks: Store) -> BankAnswer:
    """Read a question bank."""
    return BankAnswer.of(await banks.get(user.id, bank_id))


@router.put("/{bank_id}", openapi_extra=WHOLE)
async def replace(request: Request, user: CurrentUser, bank_id: PathBank, banks: Store) -> BankAnswer:
    """Replace a question bank. Interviews that began with it are not changed."""
    return BankAnswer.of(await banks.change(user.id, bank_id, dict(_draft(await read_json(request)))))


@router.patch("/{bank_id}", openapi_extra=PART)
async def change(request: Request, user: CurrentUser, bank_id: PathBank, banks: Store) -> BankAnswer:
    """Change some fields of a question bank. Interviews that began with it are not changed."""
    changes = _changes(await read_json(request))
    return BankAnswer.of(await (banks.change(user.id, bank_id, changes) if changes else banks.get(user.id, bank_id)))


@router.delete("/{bank_id}")
async def delete(user: CurrentUser, bank_id: PathBank, banks: Store) -> Deleted:
    """Delete a question bank. Interviews that began with it go on."""
    await banks.delete(user.id, bank_id)
    return Deleted(message="The question bank was deleted.", id=bank_id)


@router.get("/{bank_id}/export", response_class=Response, responses={200: {"content": _EXPORTED}})
async def export(user: CurrentUser, bank_id: PathBank, banks: Store, format: Format = "yaml") -> Response:
    """Export a question bank as a file. It can be imported again. CSV has no place for the name and the description."""
    bank = await banks.get(user.id, bank_id)
    content = await asyncio.to_thread(write_bank, bank, format)
    return Response(content, media_type=MEDIA_TYPES[format], headers={"Content-Disposition": _attachment(bank, format)})


def _draft(fields: dict[str, Any]) -> Draft:
    heading = parse(Heading, fields)
    return Draft(**dict(heading), questions=checked_questions(fields.get("questions")))


def _changes(fields: dict[str, Any]) -> Mapping[str, Any]:
    given = dict(fields)
    if "questions" in given:
        given["questions"] = checked_questions(given["questions"])
    return {name: value for name, value in parse(Changes, given) if value is not None}


def _keyed(route: str, caller: Caller, draft: Draft) -> KeyedRequest | None:
    body = request_hash({**dict(draft), "questions": plain(draft.questions)})
    return keyed(f"question bank {route}", caller.owner, caller.key, body)


def _attachment(bank: Bank, format: Format) -> str:
    """The name of the file: in letters that every client reads, and in its own."""
    plain_name, own_name = slug(bank.name) or "questions", quote(bank.name, safe="")
    return f"attachment; filename=\"{plain_name}.{format}\"; filename*=UTF-8''{own_name}.{format}"
