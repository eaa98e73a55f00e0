"""How a request for a session says which documents the interview is about."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from contracts.documents.asks import Brief
from contracts.vocabulary.document import DocumentKind
from contracts.vocabulary.limits import MAX_JOB_DESCRIPTION, MAX_JOB_ROLE, MAX_RESUME

from gateway.bus.commands import Caller
from gateway.problems import Problem
from gateway.usecases.documents import Documents, parse_document_id
from gateway.values import present

RESUME, JOB = "resume_id", "job_description_id"
_ALSO = {"jd_id": JOB}
_TEXTS = {RESUME: ("resume_content", MAX_RESUME), JOB: ("job_description", MAX_JOB_DESCRIPTION)}
_KINDS: dict[str, DocumentKind] = {RESUME: "resume", JOB: "job_description"}
_NAMES = {RESUME: "resume", JOB: "job description"}
_MOST_DOMAINS = 30


async def grounded(library: Documents, caller: Caller, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a configuration with the words of the documents that they name, and the domains that these show.

    Waits until the documents are read. Raises Problem 404 for a document that is not there for the caller, 409 for one
    that cannot be used, 400 for one of the wrong kind or for a text beside it.
    """
    named = _named(fields)
    bare = {name: value for name, value in fields.items() if name not in (*_ALSO, *_KINDS)}
    for name in named:
        text, _ = _TEXTS[name]
        if str(bare.get(text) or "").strip():
            raise Problem(400, f"Please give either {name} or {text}, not both.")
    briefs = dict(
        zip(named, await asyncio.gather(*(library.brief(caller, each) for each in named.values())), strict=True)
    )
    for name, brief in briefs.items():
        bare |= _of_document(name, brief)
    if briefs and not bare.get("domains"):
        bare["domains"] = _domains(briefs.values())
    if not str(bare.get("job_role") or "").strip():
        bare |= _job_role(briefs)
    return bare


def names_documents(fields: Mapping[str, Any]) -> bool:
    """Whether a request has a field for a document at all, if only a blank one."""
    return bool(fields.keys() & {*_ALSO, *_KINDS})


def as_sent(fields: Mapping[str, Any]) -> dict[str, Any] | None:
    """What tells a repeated request, where it names documents: these may change in between. None for all others."""
    return dict(fields) if _named(fields) else None


def _named(fields: Mapping[str, Any]) -> dict[str, UUID]:
    """The ids that are given, by their names. `jd_id` is another name."""
    found: dict[str, UUID] = {}
    for name in (*_ALSO, *_KINDS):
        value = present(str(fields.get(name) or ""))
        if value is None:
            continue
        wanted = parse_document_id(value)
        if found.setdefault(_ALSO.get(name, name), wanted) != wanted:
            raise Problem(400, "Please name one job description, not two.")
    return found


def _of_document(name: str, brief: Brief) -> dict[str, Any]:
    document = brief.document
    assert document is not None
    if document.kind != _KINDS[name]:
        raise Problem(400, f"{name}: this document is not a {_NAMES[name]}.")
    if document.status == "processing":
        raise Problem(409, f"The {_NAMES[name]} is still being read. Please try again in a moment.")
    if document.status == "error":
        raise Problem(409, f"The {_NAMES[name]} could not be read: {document.error}")
    text, most = _TEXTS[name]
    return {name: str(document.document_id), text: brief.text[:most]}


def _domains(briefs: Iterable[Brief]) -> list[str]:
    """Those of all documents, the strongest first. What the job asks for counts as much as what the person shows."""
    shares: dict[str, float] = {}
    for brief in briefs:
        found = brief.document.understanding if brief.document else None
        for domain, share in (found.domains if found else {}).items():
            shares[domain] = shares.get(domain, 0.0) + share
    return sorted(shares, key=lambda domain: -shares[domain])[:_MOST_DOMAINS]


def _job_role(briefs: Mapping[str, Brief]) -> dict[str, str]:
    """The job on offer, else the one that the résumé was uploaded for, else the newest one held."""
    for name in (JOB, RESUME):
        document = briefs[name].document if name in briefs else None
        understood = document.understanding if document else None
        role = document and ((document.job_role if name == RESUME else None) or (understood and understood.title))
        if role:
            return {"job_role": role[:MAX_JOB_ROLE]}
    return {}
